#include "sources/ducklake/ducklake_connector.h"

#include <filesystem>

#include "base/text.h"
#include "sources/duckdb/introspection.h"
#include "sources/ducklake/lake_path.h"
#include "sources/file_identity.h"

namespace eider::sources {
namespace {

using Catalog = LakePath::Catalog;

bool IsRemote(std::string_view path) { return path.find("://") != std::string_view::npos; }

// What the secret of a catalog server knows; the rest is written into the path.
bool IsSecretSetting(std::string_view name) {
  for (const std::string_view known : {"host", "hostaddr", "port", "user", "password", "passfile", "database"}) {
    if (name == known) return true;
  }
  return false;
}

void PlanServer(const LakePath& lake, AttachPlan& plan) {
  const bool postgres = lake.catalog == Catalog::kPostgres;
  plan.extensions.emplace_back(postgres ? "postgres_scanner" : "mysql_scanner");
  plan.path = postgres ? "ducklake:postgres:" : "ducklake:mysql:";
  plan.secret = postgres ? "TYPE postgres" : "TYPE mysql";
  bool first = true;
  for (const auto& [name, value] : lake.connection) {
    const std::string known = name == "dbname" ? "database" : name;
    if (IsSecretSetting(known)) {
      plan.secret.append(", ").append(QuoteIdentifier(known)).append(" ").append(QuoteLiteral(value));
    } else {
      plan.path.append(first ? "" : " ").append(name).append("=").append(QuoteLiteral(value));
      first = false;
    }
  }
  const std::string database = FindSetting(lake.connection, "database") + FindSetting(lake.connection, "dbname");
  plan.shown = std::string(postgres ? "the lake in postgres" : "the lake in mysql") + "://" +
               FindSetting(lake.connection, "host") + "/" + database;
}

Status PlanFile(const LakePath& lake, const cluster::SourceRecord& source, AttachPlan& plan) {
  std::error_code ignored;
  if (!std::filesystem::exists(lake.file, ignored)) {
    if (source.read_only || source.self_defined) {
      return Error(ErrorCode::kSourceUnavailable, "catalog database of the lake does not exist: " + lake.file);
    }
    const std::filesystem::path folder = std::filesystem::path(lake.file).parent_path();
    if (!std::filesystem::is_directory(folder, ignored)) {
      return Error(ErrorCode::kSourceUnavailable,
                   "folder of the lake's catalog database does not exist: " + folder.string());
    }
  }
  const bool sqlite = lake.catalog == Catalog::kSqlite;
  if (sqlite) plan.extensions.emplace_back("sqlite_scanner");
  plan.path = std::string(sqlite ? "ducklake:sqlite:" : "ducklake:") + lake.file;
  plan.shown = "the lake of " + lake.file;
  return {};
}

}  // namespace

Result<AttachPlan> DucklakeConnector::PlanAttach(const cluster::SourceRecord& source) const {
  EIDER_ASSIGN_OR_RETURN(const LakePath lake, ReadLakePath(source.path));
  AttachPlan plan;
  plan.extensions = {"ducklake"};
  if (lake.catalog == Catalog::kPostgres || lake.catalog == Catalog::kMysql) {
    PlanServer(lake, plan);
    plan.secret_option = "META_SECRET";
  } else if (lake.catalog == Catalog::kSecret) {
    plan.path = "ducklake:" + lake.secret;
    plan.shown = "the lake of secret \"" + lake.secret + "\"";
  } else {
    EIDER_RETURN_IF_ERROR(PlanFile(lake, source, plan));
  }
  for (const auto& [name, value] : lake.options) {
    if (name == "data_path" && IsRemote(value)) plan.extensions.emplace_back("httpfs");
    plan.options.push_back(QuoteIdentifier(name) + " " + QuoteLiteral(value));
  }
  if (source.read_only) plan.options.emplace_back("READ_ONLY");
  return plan;
}

Result<std::string> DucklakeConnector::Fingerprint(const cluster::SourceRecord& source) const {
  EIDER_ASSIGN_OR_RETURN(const std::string made_of, AttachedConnector::Fingerprint(source));
  EIDER_ASSIGN_OR_RETURN(const LakePath lake, ReadLakePath(source.path));
  return lake.file.empty() ? made_of : made_of + " " + FileIdentity(lake.file);
}

catalog::SourceTraits DucklakeConnector::traits() const {
  catalog::SourceTraits traits;
  traits.returning = false;
  traits.empty_inserts = false;
  traits.upserts = catalog::Upserts::kMerge;
  traits.time_travel = catalog::TimeTravel::kAtClause;
  return traits;
}

Result<std::vector<catalog::SdlFile>> DucklakeConnector::Introspect(const Attachment& attachment) const {
  return IntrospectDatabase(attachment.session, attachment.catalog);
}

}  // namespace eider::sources
