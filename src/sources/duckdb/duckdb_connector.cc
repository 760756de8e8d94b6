#include "sources/duckdb/duckdb_connector.h"

#include <chrono>
#include <filesystem>
#include <thread>

#include "base/deadline.h"
#include "base/text.h"
#include "engine/text_rows.h"
#include "sources/duckdb/attach_error.h"
#include "sources/duckdb/introspection.h"
#include "sources/file_identity.h"

namespace eider::sources {
namespace {

constexpr std::chrono::seconds kReleaseWait{5};
constexpr std::chrono::milliseconds kReleasePoll{5};

bool InMemory(const std::string& path) { return path.empty() || path == ":memory:"; }

bool IsRemote(const std::string& path) { return path.find("://") != std::string::npos; }

Status CheckPath(const cluster::SourceRecord& source) {
  if (InMemory(source.path) || IsRemote(source.path)) return {};
  std::error_code ignored;
  if (std::filesystem::exists(source.path, ignored)) return {};
  const std::string path = std::filesystem::absolute(source.path).string();
  if (source.read_only || source.self_defined) {
    return Error(ErrorCode::kSourceUnavailable, "database file does not exist: " + path);
  }
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (std::filesystem::is_directory(folder, ignored)) return {};
  return Error(ErrorCode::kSourceUnavailable, "folder of the database file does not exist: " + folder.string());
}

std::string AttachSql(std::string_view verb, const cluster::SourceRecord& source, const std::string& catalog) {
  if (InMemory(source.path)) return std::string(verb) + " ':memory:' AS " + QuoteIdentifier(catalog);
  return std::string(verb) + " " + QuoteLiteral(source.path) + " AS " + QuoteIdentifier(catalog) + " (TYPE duckdb" +
         (source.read_only || IsRemote(source.path) ? ", READ_ONLY)" : ")");
}

// The name of the database that has the file open in this process, out of the engine's words.
std::string HolderOf(const Error& cause) {
  constexpr std::string_view kWords = "is already attached by database \"";
  const std::size_t words = cause.message.find(kWords);
  if (words == std::string::npos) return "";
  const std::size_t name = words + kWords.size();
  return cause.message.substr(name, cause.message.find('"', name) - name);
}

bool IsAttached(engine::Session& session, const std::string& catalog) {
  const auto rows =
      engine::ReadTextRows(session, "SELECT 1 AS found FROM duckdb_databases() WHERE database_name = $1", {catalog});
  return rows && !rows->empty();
}

// Statements keep the attachment that they began with, and the engine opens a file once only: a file that was just
// detached is waited for.
Status RunAttach(engine::Session& session, const std::string& sql, const std::string& path,
                 const std::string& catalog) {
  if (IsRemote(path)) EIDER_RETURN_IF_ERROR(session.LoadExtension("httpfs"));
  const Deadline deadline = Deadline::After(kReleaseWait);
  while (true) {
    auto done = session.Run(sql);
    if (done) return {};
    const std::string holder = HolderOf(done.error());
    if (holder.empty()) return AttachError(RedactSecrets(path), done.error());
    if (holder != catalog && IsAttached(session, holder)) {
      return Error(ErrorCode::kSourceUnavailable,
                   "database file is already attached by data source \"" + holder + "\": " + path);
    }
    if (deadline.Passed()) {
      return Error(ErrorCode::kSourceUnavailable, "database file is still used by running queries: " + path);
    }
    std::this_thread::sleep_for(kReleasePoll);
  }
}

}  // namespace

Result<std::string> DuckdbConnector::Fingerprint(const cluster::SourceRecord& source) const {
  EIDER_RETURN_IF_ERROR(CheckPath(source));
  if (InMemory(source.path)) return std::string("duckdb memory");
  // Nothing tells cheaply whether a remote file has changed, so every load attaches it anew.
  if (IsRemote(source.path))
    return "duckdb " + source.path + " " + std::to_string(std::chrono::steady_clock::now().time_since_epoch().count());
  return "duckdb " + FileIdentity(source.path) + (source.read_only ? " read_only " : " writable ") + source.path;
}

bool DuckdbConnector::IsReadOnly(const cluster::SourceRecord& source) const {
  return source.read_only || IsRemote(source.path);
}

Status DuckdbConnector::Attach(engine::Session& session, const cluster::SourceRecord& source,
                               const std::string& catalog) const {
  return RunAttach(session, AttachSql("ATTACH", source, catalog), source.path, catalog);
}

Status DuckdbConnector::Replace(engine::Session& session, const cluster::SourceRecord& source,
                                const std::string& catalog) const {
  return RunAttach(session, AttachSql("ATTACH OR REPLACE", source, catalog), source.path, catalog);
}

Result<std::vector<catalog::SdlFile>> DuckdbConnector::Introspect(const Attachment& attachment) const {
  return IntrospectDatabase(attachment.session, attachment.catalog);
}

}  // namespace eider::sources
