#include "sources/mysql/mysql_keys.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace eider::sources {
namespace {

using engine::TextRow;

constexpr std::string_view kOwnSchemas[] = {"information_schema", "mysql", "performance_schema", "sys"};

constexpr std::string_view kTables =
    "SELECT table_schema AS s, table_name AS t, table_type AS kind, table_comment AS words FROM "
    "information_schema.tables";

constexpr std::string_view kFilled =
    "SELECT table_schema AS s, table_name AS t, column_name AS c, extra AS e, column_default AS d "
    "FROM information_schema.columns WHERE extra LIKE '%auto_increment%' OR extra LIKE '%GENERATED%' OR "
    "(column_default IS NOT NULL AND column_default <> 'NULL')";

constexpr std::string_view kKeys =
    "SELECT k.table_schema AS s, k.table_name AS t, k.constraint_name AS n, c.constraint_type AS kind, "
    "k.column_name AS col, k.referenced_table_schema AS rs, k.referenced_table_name AS rt, "
    "k.referenced_column_name AS rc FROM information_schema.key_column_usage k JOIN "
    "information_schema.table_constraints c ON c.constraint_schema = k.constraint_schema AND "
    "c.table_name = k.table_name AND c.constraint_name = k.constraint_name ORDER BY k.table_schema, k.table_name, "
    "k.constraint_name, k.ordinal_position";

void AddKeyColumn(const TextRow& row, bool first, RelationInfo& relation) {
  const std::string kind = TextOf(row[3]);
  if (kind == "PRIMARY KEY") {
    if (first) relation.primary_key.clear();
    relation.primary_key.push_back(TextOf(row[4]));
  } else if (kind == "UNIQUE") {
    if (first) relation.unique_keys.emplace_back();
    relation.unique_keys.back().columns.push_back(TextOf(row[4]));
  } else if (kind == "FOREIGN KEY") {
    if (first) relation.foreign_keys.push_back({{}, TextOf(row[5]), TextOf(row[6]), {}});
    relation.foreign_keys.back().columns.push_back(TextOf(row[4]));
    relation.foreign_keys.back().referenced_columns.push_back(TextOf(row[7]));
  }
}

void AddKeys(const std::vector<TextRow>& rows, RelationMap& relations) {
  for (auto& [key, relation] : relations) {
    relation.unique_keys.clear();
    relation.foreign_keys.clear();
  }
  const TextRow* before = nullptr;
  for (const TextRow& row : rows) {
    const bool first = before == nullptr || !std::equal(row.begin(), row.begin() + 3, before->begin());
    before = &row;
    if (RelationInfo* relation = FindRelation(relations, row)) AddKeyColumn(row, first, *relation);
  }
}

void AddTables(const std::vector<TextRow>& rows, RelationMap& relations) {
  for (const TextRow& row : rows) {
    RelationInfo* relation = FindRelation(relations, row);
    if (relation == nullptr) continue;
    relation->is_view = TextOf(row[2]).find("VIEW") != std::string::npos;
    // The server describes every view as "VIEW".
    if (!relation->is_view) relation->comment = TextOf(row[3]);
  }
}

void AddFilled(const std::vector<TextRow>& rows, RelationMap& relations) {
  for (const TextRow& row : rows) {
    RelationInfo* relation = FindRelation(relations, row);
    if (relation == nullptr || relation->is_view) continue;
    for (ColumnInfo& column : relation->columns) {
      if (column.name == TextOf(row[2])) column.filled_by_database = true;
    }
  }
}

bool IsOwnSchema(const std::string& schema) {
  return std::find(std::begin(kOwnSchemas), std::end(kOwnSchemas), LowerAscii(schema)) != std::end(kOwnSchemas);
}

}  // namespace

Result<std::vector<TextRow>> AskMysql(engine::Session& session, const std::string& catalog, std::string_view sql) {
  return engine::ReadTextRows(session,
                              "SELECT * FROM mysql_query(" + QuoteLiteral(catalog) + ", " + QuoteLiteral(sql) + ")");
}

Status AddMysqlKeys(engine::Session& session, const std::string& catalog, const std::string& database,
                    RelationMap& relations) {
  std::erase_if(relations, [&](const auto& entry) {
    const std::string& schema = entry.first.first;
    return database.empty() ? IsOwnSchema(schema) : schema != database;
  });
  EIDER_ASSIGN_OR_RETURN(const auto tables, AskMysql(session, catalog, kTables));
  EIDER_ASSIGN_OR_RETURN(const auto filled, AskMysql(session, catalog, kFilled));
  EIDER_ASSIGN_OR_RETURN(const auto keys, AskMysql(session, catalog, kKeys));
  AddTables(tables, relations);
  AddFilled(filled, relations);
  AddKeys(keys, relations);
  return {};
}

Result<std::vector<std::array<std::string, 3>>> MysqlGenerated(engine::Session& session, const std::string& catalog) {
  // MariaDB writes VIRTUAL GENERATED and STORED GENERATED like MySQL; DEFAULT_GENERATED is no more than a default.
  EIDER_ASSIGN_OR_RETURN(
      const auto rows,
      AskMysql(session, catalog,
               "SELECT table_schema AS s, table_name AS t, column_name AS c FROM information_schema.columns WHERE "
               "extra LIKE '%VIRTUAL GENERATED%' OR extra LIKE '%STORED GENERATED%'"));
  std::vector<std::array<std::string, 3>> columns;
  for (const TextRow& row : rows) columns.push_back({TextOf(row[0]), TextOf(row[1]), TextOf(row[2])});
  return columns;
}

}  // namespace eider::sources
