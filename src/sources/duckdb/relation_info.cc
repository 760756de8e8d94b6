#include "sources/duckdb/relation_info.h"

#include <rapidjson/document.h>

#include "base/text.h"
#include "engine/text_rows.h"

namespace eider::sources {
std::string TextOf(const std::optional<std::string>& value) { return value.value_or(""); }

std::vector<std::string> TextListOf(const std::optional<std::string>& json) {
  std::vector<std::string> values;
  rapidjson::Document document;
  document.Parse(TextOf(json).c_str());
  if (document.HasParseError() || !document.IsArray()) return values;
  for (const auto& value : document.GetArray()) {
    if (value.IsString()) values.emplace_back(value.GetString(), value.GetStringLength());
  }
  return values;
}

RelationInfo* FindRelation(RelationMap& relations, const engine::TextRow& row) {
  const auto it = relations.find({TextOf(row[0]), TextOf(row[1])});
  return it == relations.end() ? nullptr : &it->second;
}

Result<std::vector<ColumnInfo>> DescribeRelation(engine::Session& session, const std::string& catalog,
                                                 const std::string& schema, const std::string& name) {
  EIDER_ASSIGN_OR_RETURN(const auto rows,
                         engine::ReadTextRows(session, "DESCRIBE " + QuoteIdentifier(catalog) + "." +
                                                           QuoteIdentifier(schema) + "." + QuoteIdentifier(name)));
  std::vector<ColumnInfo> columns;
  for (const engine::TextRow& row : rows) {
    columns.push_back({TextOf(row[0]), TextOf(row[1]), TextOf(row[2]) != "NO", "", ""});
  }
  return columns;
}

bool IsUnread(const RelationInfo& relation) {
  return relation.columns.size() == 1 && relation.columns.front().name == "__";
}

namespace {

constexpr std::string_view kViews =
    "SELECT schema_name, view_name, comment FROM duckdb_views() WHERE database_name = $1 AND NOT internal AND "
    "NOT temporary";

// The list of tables counts the rows of every database that is attached, and so waits for servers that are away.
constexpr std::string_view kRemote =
    "SELECT 1 AS found FROM duckdb_databases() WHERE type NOT IN ('duckdb', 'sqlite', 'ducklake') LIMIT 1";
constexpr std::string_view kTableComments =
    "SELECT schema_name, table_name, comment FROM duckdb_tables() WHERE database_name = $1 AND comment IS NOT NULL";

constexpr std::string_view kColumns =
    "SELECT schema_name, table_name, column_name, data_type, is_nullable, column_default, comment FROM "
    "duckdb_columns() "
    "WHERE database_name = $1 AND NOT internal AND table_name IS NOT NULL ORDER BY schema_name, table_name, "
    "column_index";

constexpr std::string_view kConstraints =
    "SELECT schema_name, table_name, constraint_type, to_json(constraint_column_names) AS columns, referenced_table, "
    "to_json(referenced_column_names) AS referenced FROM duckdb_constraints() WHERE database_name = $1 "
    "AND constraint_type IN ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY') ORDER BY schema_name, table_name, "
    "constraint_index";

void AddConstraint(const engine::TextRow& row, const RelationMap& relations, RelationInfo& relation) {
  std::vector<std::string> columns = TextListOf(row[3]);
  if (row[2] == "PRIMARY KEY") {
    relation.primary_key = std::move(columns);
  } else if (row[2] == "UNIQUE") {
    relation.unique_keys.push_back({std::move(columns)});
  } else {
    // The engine does not print the schema of the referenced table; a table of the own schema goes first.
    const std::string target = TextOf(row[4]);
    const bool same_schema = relations.contains({TextOf(row[0]), target});
    relation.foreign_keys.push_back(
        {std::move(columns), same_schema ? TextOf(row[0]) : "main", target, TextListOf(row[5])});
  }
}

// Of some attached databases the engine lists views without their columns.
void AddView(engine::Session& session, const std::string& catalog, const engine::TextRow& row, RelationMap& relations) {
  RelationInfo& relation = relations[{TextOf(row[0]), TextOf(row[1])}];
  relation.is_view = true;
  relation.comment = TextOf(row[2]);
  if (!relation.columns.empty()) return;
  auto columns = DescribeRelation(session, catalog, TextOf(row[0]), TextOf(row[1]));
  // A view that does not bind any more has none to show.
  if (!columns) return;
  for (ColumnInfo& column : *columns) column.nullable = true;
  relation.columns = std::move(*columns);
}

Status AddComments(engine::Session& session, const std::string& catalog, RelationMap& relations) {
  EIDER_ASSIGN_OR_RETURN(const auto remote, engine::ReadTextRows(session, kRemote));
  if (!remote.empty()) return {};
  EIDER_ASSIGN_OR_RETURN(const auto comments, engine::ReadTextRows(session, kTableComments, {catalog}));
  for (const engine::TextRow& row : comments) {
    if (RelationInfo* relation = FindRelation(relations, row)) relation->comment = TextOf(row[2]);
  }
  return {};
}

}  // namespace

Result<RelationMap> ReadRelations(engine::Session& session, const std::string& catalog) {
  const engine::Parameters parameters = {catalog};
  EIDER_ASSIGN_OR_RETURN(const auto columns, engine::ReadTextRows(session, kColumns, parameters));
  EIDER_ASSIGN_OR_RETURN(const auto views, engine::ReadTextRows(session, kViews, parameters));
  EIDER_ASSIGN_OR_RETURN(const auto constraints, engine::ReadTextRows(session, kConstraints, parameters));
  RelationMap relations;
  for (const engine::TextRow& row : columns) {
    RelationInfo& relation = relations[{TextOf(row[0]), TextOf(row[1])}];
    relation.columns.push_back({TextOf(row[2]), TextOf(row[3]), row[4] == "true", TextOf(row[5]), TextOf(row[6])});
  }
  for (const engine::TextRow& row : views) AddView(session, catalog, row, relations);
  for (const engine::TextRow& row : constraints) {
    RelationInfo* relation = FindRelation(relations, row);
    if (relation != nullptr) AddConstraint(row, relations, *relation);
  }
  EIDER_RETURN_IF_ERROR(AddComments(session, catalog, relations));
  return relations;
}

}  // namespace eider::sources
