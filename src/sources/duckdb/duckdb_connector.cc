#include "sources/duckdb/duckdb_connector.h"

#include <sys/stat.h>

#include <filesystem>

#include "base/text.h"
#include "sources/duckdb/attach_error.h"
#include "sources/duckdb/introspection.h"

namespace eider::sources {
namespace {

bool InMemory(const std::string& path) { return path.empty() || path == ":memory:"; }

bool IsRemote(const std::string& path) { return path.find("://") != std::string::npos; }

Status CheckPath(const cluster::SourceRecord& source) {
  if (InMemory(source.path)) return {};
  if (IsRemote(source.path)) {
    return Error(ErrorCode::kSourceUnavailable,
                 "remote databases are not supported yet: " + RedactSecrets(source.path));
  }
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

// A file that was replaced under its name is another file; one that was written to is not.
std::string FileIdentity(const std::string& path) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) return "new";
  return std::to_string(facts.st_dev) + ":" + std::to_string(facts.st_ino);
}

std::string AttachSql(std::string_view verb, const cluster::SourceRecord& source, const std::string& catalog) {
  if (InMemory(source.path)) return std::string(verb) + " ':memory:' AS " + QuoteIdentifier(catalog);
  return std::string(verb) + " " + QuoteLiteral(source.path) + " AS " + QuoteIdentifier(catalog) + " (TYPE duckdb" +
         (source.read_only ? ", READ_ONLY)" : ")");
}

Status RunAttach(engine::Session& session, const std::string& sql, const std::string& path) {
  if (auto done = session.Run(sql); !done) return AttachError(path, done.error());
  return {};
}

}  // namespace

Result<std::string> DuckdbConnector::Fingerprint(const cluster::SourceRecord& source) const {
  EIDER_RETURN_IF_ERROR(CheckPath(source));
  if (InMemory(source.path)) return std::string("duckdb memory");
  return "duckdb " + FileIdentity(source.path) + (source.read_only ? " read_only " : " writable ") + source.path;
}

Status DuckdbConnector::Attach(engine::Session& session, const cluster::SourceRecord& source,
                               const std::string& catalog) const {
  return RunAttach(session, AttachSql("ATTACH", source, catalog), source.path);
}

Status DuckdbConnector::Replace(engine::Session& session, const cluster::SourceRecord& source,
                                const std::string& catalog) const {
  return RunAttach(session, AttachSql("ATTACH OR REPLACE", source, catalog), source.path);
}

Result<std::vector<catalog::SdlFile>> DuckdbConnector::Introspect(engine::Session& session,
                                                                  const std::string& catalog) const {
  return IntrospectDatabase(session, catalog);
}

}  // namespace eider::sources
