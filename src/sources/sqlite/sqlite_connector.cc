#include "sources/sqlite/sqlite_connector.h"

#include <array>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "sources/duckdb/introspection.h"
#include "sources/file_identity.h"
#include "sources/sqlite/sqlite_keys.h"

namespace eider::sources {
namespace {

std::string PathOf(const cluster::SourceRecord& source) {
  std::string_view path = source.path;
  for (const std::string_view scheme : {"sqlite://", "sqlite:"}) {
    if (path.starts_with(scheme)) {
      path.remove_prefix(scheme.size());
      break;
    }
  }
  return std::filesystem::absolute(path).string();
}

Error Unusable(const std::string& what, const std::string& path) {
  return Error(ErrorCode::kSourceUnavailable, what + ": " + path);
}

// The engine opens any file, and fails only when it reads from it.
Status CheckContent(const std::string& path) {
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  std::ifstream in(path, std::ios::binary);
  if (!in) return Unusable("no permission to open", path);
  std::array<char, kMagic.size()> head{};
  in.read(head.data(), head.size());
  const std::string_view read(head.data(), static_cast<std::size_t>(in.gcount()));
  if (!read.empty() && read != kMagic) return Unusable("not a SQLite database file", path);
  return {};
}

Status CheckPath(const cluster::SourceRecord& source, const std::string& path) {
  if (source.path.empty()) return Error(ErrorCode::kSourceUnavailable, "a SQLite source needs the path of a file");
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return Unusable("is a folder, not a SQLite database file", path);
  }
  if (std::filesystem::exists(path, ignored)) return CheckContent(path);
  if (source.read_only || source.self_defined) return Unusable("database file does not exist", path);
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (std::filesystem::is_directory(folder, ignored)) return {};
  return Unusable("folder of the database file does not exist", folder.string());
}

}  // namespace

Result<AttachPlan> SqliteConnector::PlanAttach(const cluster::SourceRecord& source) const {
  AttachPlan plan;
  plan.path = PathOf(source);
  EIDER_RETURN_IF_ERROR(CheckPath(source, plan.path));
  plan.extensions = {"sqlite_scanner"};
  plan.options = {"TYPE sqlite"};
  if (source.read_only) plan.options.emplace_back("READ_ONLY");
  plan.shown = plan.path;
  return plan;
}

Result<std::string> SqliteConnector::Fingerprint(const cluster::SourceRecord& source) const {
  EIDER_ASSIGN_OR_RETURN(const std::string made_of, AttachedConnector::Fingerprint(source));
  return made_of + " " + FileIdentity(PathOf(source));
}

catalog::SourceTraits SqliteConnector::traits() const {
  catalog::SourceTraits traits;
  traits.returning = false;
  traits.empty_inserts = false;
  traits.upserts = catalog::Upserts::kByKey;
  return traits;
}

Result<std::vector<catalog::SdlFile>> SqliteConnector::Introspect(const Attachment& attachment) const {
  EIDER_ASSIGN_OR_RETURN(RelationMap relations, ReadRelations(attachment.session, attachment.catalog));
  EIDER_RETURN_IF_ERROR(AddSqliteKeys(attachment.session, attachment.catalog, relations));
  return IntrospectedFiles(relations, "main");
}

}  // namespace eider::sources
