#include "sources/iceberg/iceberg_connector.h"

#include "base/text.h"
#include "engine/text_rows.h"
#include "sources/duckdb/introspection.h"
#include "sources/iceberg/iceberg_path.h"
#include "sources/iceberg/table_folders.h"

namespace eider::sources {
namespace {

constexpr std::string_view kSecretSettings[] = {"client_id", "client_secret", "oauth2_server_uri", "oauth2_scope",
                                                "token"};
constexpr std::string_view kAttachSettings[] = {"access_delegation_mode", "support_nested_namespaces"};

void PlanCatalog(const IcebergPath& path, AttachPlan& plan) {
  plan.extensions.emplace_back("httpfs");
  plan.path = path.warehouse;
  plan.shown = "the Iceberg catalogue " + path.endpoint;
  plan.options = {"TYPE iceberg", "ENDPOINT " + QuoteLiteral(path.endpoint)};
  for (const std::string_view name : kSecretSettings) {
    const std::string value = FindSetting(path.settings, name);
    if (value.empty()) continue;
    if (plan.secret.empty()) plan.secret = "TYPE iceberg";
    plan.secret.append(", ").append(QuoteIdentifier(name)).append(" ").append(QuoteLiteral(value));
  }
  const std::string stored = FindSetting(path.settings, "secret");
  if (!stored.empty()) plan.options.push_back("SECRET " + QuoteIdentifier(stored));
  if (stored.empty() && plan.secret.empty()) plan.options.emplace_back("AUTHORIZATION_TYPE none");
  for (const std::string_view name : kAttachSettings) {
    const std::string value = FindSetting(path.settings, name);
    if (!value.empty()) plan.options.push_back(std::string(name) + " " + QuoteLiteral(value));
  }
}

std::string ScanSql(const IcebergTable& table, std::string_view moment) {
  std::string sql = "SELECT * FROM iceberg_scan(" + QuoteLiteral(table.folder);
  if (!table.version.empty()) sql.append(", version := ").append(QuoteLiteral(table.version));
  if (table.moved) sql.append(", allow_moved_paths := true");
  return sql.append(moment).append(")");
}

// A view, and beside it what planner/time_point.cc calls for rows of the past.
Status PublishTable(engine::Session& session, const std::string& catalog, const IcebergTable& table) {
  const auto name = [&](std::string_view suffix) {
    return QuoteIdentifier(catalog) + ".main." + QuoteIdentifier(table.name + std::string(suffix));
  };
  const std::string statements[] = {
      "CREATE OR REPLACE VIEW " + name("") + " AS " + ScanSql(table, ""),
      "CREATE OR REPLACE MACRO " + name(" at version") + "(v) AS TABLE " +
          ScanSql(table, ", snapshot_from_id := CAST(v AS UBIGINT)"),
      "CREATE OR REPLACE MACRO " + name(" at time") + "(v) AS TABLE " +
          ScanSql(table, ", snapshot_from_timestamp := CAST(v AT TIME ZONE 'UTC' AS TIMESTAMP)")};
  for (const std::string& statement : statements) {
    if (const auto done = session.Run(statement); !done) {
      return Error(ErrorCode::kSourceUnavailable,
                   "cannot read the Iceberg table " + table.folder + ": " + done.error().message);
    }
  }
  return {};
}

bool Holds(const std::vector<IcebergTable>& tables, const std::string& name) {
  for (const IcebergTable& table : tables) {
    if (table.name == name) return true;
  }
  return false;
}

Status DropOthers(engine::Session& session, const std::string& catalog, const std::vector<IcebergTable>& tables) {
  EIDER_ASSIGN_OR_RETURN(
      const auto views,
      engine::ReadTextRows(session, "SELECT view_name FROM duckdb_views() WHERE database_name = $1 AND NOT internal",
                           {catalog}));
  for (const engine::TextRow& view : views) {
    if (Holds(tables, *view[0])) continue;
    const std::string name = QuoteIdentifier(catalog) + ".main." + QuoteIdentifier(*view[0]);
    if (auto dropped = session.Run("DROP VIEW " + name); !dropped) return dropped.error();
  }
  return {};
}

// Leaves those whose namespace and name match the expressions of the path.
Status KeepMatching(engine::Session& session, const IcebergPath& path, RelationMap& relations) {
  const std::string schemas = FindSetting(path.settings, "schema_filter");
  const std::string tables = FindSetting(path.settings, "table_filter");
  if (schemas.empty() && tables.empty()) return {};
  for (auto it = relations.begin(); it != relations.end();) {
    EIDER_ASSIGN_OR_RETURN(const auto matches,
                           engine::ReadTextRows(session,
                                                "SELECT CAST(regexp_matches($1, $2) AND regexp_matches($3, $4) "
                                                "AS VARCHAR) AS fits",
                                                {it->first.first, schemas, it->first.second, tables}));
    it = matches.front()[0] == "true" ? std::next(it) : relations.erase(it);
  }
  return {};
}

Status ReadColumns(const Attachment& attachment, RelationMap& relations) {
  for (auto& [key, relation] : relations) {
    if (!IsUnread(relation)) continue;
    EIDER_ASSIGN_OR_RETURN(relation.columns,
                           DescribeRelation(attachment.session, attachment.catalog, key.first, key.second));
  }
  return {};
}

// Tables by their folders; a path that cannot be read is told when it is attached.
bool IsCatalog(const cluster::SourceRecord& source) {
  const auto path = ReadIcebergPath(source.path);
  return path && path->is_catalog;
}

}  // namespace

Result<AttachPlan> IcebergConnector::PlanAttach(const cluster::SourceRecord& source) const {
  EIDER_ASSIGN_OR_RETURN(const IcebergPath path, ReadIcebergPath(source.path));
  AttachPlan plan;
  plan.extensions = {"avro", "iceberg"};
  if (path.is_catalog) {
    PlanCatalog(path, plan);
    if (source.read_only) plan.options.emplace_back("READ_ONLY");
    return plan;
  }
  EIDER_ASSIGN_OR_RETURN(const auto tables, FindIcebergTables(path.folder));
  if (path.folder.find("://") != std::string::npos) plan.extensions.emplace_back("httpfs");
  plan.path = ":memory:";
  plan.shown = path.folder;
  return plan;
}

Status IcebergConnector::Refresh(engine::Session& session, const cluster::SourceRecord& source,
                                 const std::string& catalog) const {
  EIDER_ASSIGN_OR_RETURN(const IcebergPath path, ReadIcebergPath(source.path));
  if (path.is_catalog) return {};
  EIDER_ASSIGN_OR_RETURN(const auto tables, FindIcebergTables(path.folder));
  for (const IcebergTable& table : tables) EIDER_RETURN_IF_ERROR(PublishTable(session, catalog, table));
  return DropOthers(session, catalog, tables);
}

bool IcebergConnector::IsReadOnly(const cluster::SourceRecord& source) const {
  return source.read_only || !IsCatalog(source);
}

std::string IcebergConnector::DefaultSchemaOf(const cluster::SourceRecord& source) const {
  const auto path = ReadIcebergPath(source.path);
  if (!path || !path->is_catalog) return "main";
  const std::string named = FindSetting(path->settings, "default_schema");
  return named.empty() ? "default" : named;
}

catalog::SourceTraits IcebergConnector::TraitsOf(const cluster::SourceRecord& source) const {
  catalog::SourceTraits traits;
  traits.returning = false;
  traits.empty_inserts = false;
  traits.upserts = catalog::Upserts::kMerge;
  traits.time_travel = IsCatalog(source) ? catalog::TimeTravel::kAtClause : catalog::TimeTravel::kMacro;
  return traits;
}

Result<std::vector<catalog::SdlFile>> IcebergConnector::Introspect(const Attachment& attachment) const {
  EIDER_ASSIGN_OR_RETURN(const IcebergPath path, ReadIcebergPath(attachment.record->path));
  EIDER_ASSIGN_OR_RETURN(RelationMap relations, ReadRelations(attachment.session, attachment.catalog));
  if (!path.is_catalog) return IntrospectedFiles(relations, "main");
  EIDER_RETURN_IF_ERROR(KeepMatching(attachment.session, path, relations));
  EIDER_RETURN_IF_ERROR(ReadColumns(attachment, relations));
  // Every namespace of a catalogue is a module, unless the path makes one the default.
  return IntrospectedFiles(relations, FindSetting(path.settings, "default_schema"));
}

Result<std::unique_ptr<ColumnTypeLookup>> IcebergConnector::LookUpTypes(const Attachment& attachment) const {
  return std::make_unique<EngineColumnTypes>(attachment.session, attachment.catalog,
                                             DefaultSchemaOf(*attachment.record));
}

}  // namespace eider::sources
