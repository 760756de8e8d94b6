#include "sources/column_types.h"

#include <charconv>

#include "base/text.h"
#include "engine/text_rows.h"
#include "sources/duckdb/relation_info.h"
#include "sources/duckdb/view_names.h"

namespace eider::sources {
namespace {

std::string KeyOfTable(std::string_view schema, std::string_view table) {
  return LowerAscii(QuoteIdentifier(schema) + "." + QuoteIdentifier(table));
}

// The key out of `"catalog"."schema"."table"`.
std::string KeyOfRelation(const std::string& relation_sql, const std::string& catalog) {
  const std::string prefix = QuoteIdentifier(catalog) + ".";
  return LowerAscii(relation_sql.starts_with(prefix) ? relation_sql.substr(prefix.size()) : relation_sql);
}

// The value of the placeholder at `at`; moves `at` behind it.
std::string ValueOfPlaceholder(const std::string& sql, const std::string& catalog, std::size_t& at) {
  const std::size_t close = sql.find(']', at);
  const std::string_view name = std::string_view(sql).substr(at + 2, close - at - 2);
  at = close == std::string::npos ? sql.size() : close + 1;
  if (name != "catalog") return "NULL";
  const bool qualifies = at < sql.size() && sql[at] == '.';
  return qualifies ? QuoteIdentifier(catalog) : QuoteLiteral(catalog);
}

}  // namespace

std::string WithoutPlaceholders(const std::string& sql, const std::string& catalog) {
  std::string out;
  bool in_literal = false;
  for (std::size_t at = 0; at < sql.size();) {
    if (sql[at] == '\'') in_literal = !in_literal;
    if (!in_literal && sql.compare(at, 2, "[$") == 0) {
      out.append(ValueOfPlaceholder(sql, catalog, at));
    } else {
      out.push_back(sql[at++]);
    }
  }
  return out;
}

std::optional<ColumnTypes> EngineColumnTypes::Find(const catalog::DataObject& object) {
  return object.view_sql.empty() ? FindRelation(object) : DescribeQuery(object.view_sql);
}

bool EngineColumnTypes::IsGenerated(const catalog::DataObject& object, const std::string& column) {
  if (!object.view_sql.empty() || object.relation_sql.empty()) return false;
  if (!defined_ && object.source->type == "duckdb") ReadDefinitions();
  return generated_.contains(KeyOfRelation(object.relation_sql, object.source->catalog) + "." +
                             LowerAscii(QuoteIdentifier(column)));
}

// The engine's list of tables has the same numbers, but asks every attached database for them.
std::int64_t EngineColumnTypes::EstimateRows(const catalog::DataObject& object) {
  constexpr std::string_view kEstimate = "\"Estimated Cardinality\": \"";
  if (object.source->type != "duckdb" || object.relation_sql.empty()) return -1;
  const auto cursor = session_.Query("EXPLAIN (FORMAT json) FROM " + QuoteIdentifier(catalog_) + "." +
                                         KeyOfRelation(object.relation_sql, object.source->catalog),
                                     {}, {});
  if (!cursor) return -1;
  const auto rows = engine::ReadTextRows(**cursor);
  if (!rows || rows->empty() || rows->front().size() < 2) return -1;
  const std::string plan = rows->front()[1].value_or("");
  const std::size_t at = plan.find(kEstimate);
  std::int64_t estimate = 0;
  if (at != std::string::npos) {
    std::from_chars(plan.data() + at + kEstimate.size(), plan.data() + plan.size(), estimate);
  }
  return estimate > 0 ? estimate : -1;  // What is empty now may be filled at any time.
}

void EngineColumnTypes::SetGenerated(const std::vector<std::array<std::string, 3>>& columns) {
  for (const auto& [schema, table, column] : columns) {
    generated_.insert(KeyOfTable(schema, table) + "." + LowerAscii(QuoteIdentifier(column)));
  }
}

void EngineColumnTypes::ReadDefinitions() {
  defined_ = true;
  if (!read_) ReadCatalog();
  const auto rows =
      engine::ReadTextRows(session_, "SELECT schema_name, table_name, sql FROM duckdb_tables() WHERE database_name = " +
                                         QuoteLiteral(catalog_) + " AND contains(sql, ' GENERATED ALWAYS AS(')");
  if (!rows) return;
  for (const engine::TextRow& row : *rows) {
    const std::string schema = row[0].value_or("");
    const std::string table = row[1].value_or("");
    const std::string sql = row[2].value_or("");
    for (const auto& [name, type] : relations_[KeyOfTable(schema, table)]) {
      // The engine prints every definition in this form; a name without quotes stands behind a blank or a bracket.
      const std::string rest = " " + type + " GENERATED ALWAYS AS(";
      const bool is_generated = sql.find(QuoteIdentifier(name) + rest) != std::string::npos ||
                                sql.find(" " + name + rest) != std::string::npos ||
                                sql.find("(" + name + rest) != std::string::npos;
      if (is_generated) SetGenerated({{schema, table, name}});
    }
  }
}

std::string EngineColumnTypes::Qualify(const std::string& view_sql, const std::string& catalog) {
  if (!read_) ReadCatalog();
  const auto exists = [this](std::string_view schema, std::string_view table) {
    const std::string key = KeyOfTable(schema.empty() ? std::string_view(default_schema_) : schema, table);
    if (!listed_) return DescribeQuery("FROM " + QuoteIdentifier(catalog_) + "." + key).has_value();
    return relations_.contains(key);
  };
  return QualifyTableNames(session_, view_sql, catalog, exists, default_schema_);
}

std::optional<ColumnTypes> EngineColumnTypes::FindRelation(const catalog::DataObject& object) {
  if (!read_) ReadCatalog();
  const std::string key = KeyOfRelation(object.relation_sql, object.source->catalog);
  const auto it = relations_.find(key);
  if (it == relations_.end() && listed_) return std::nullopt;
  if (!listed_ || unread_.contains(key)) return DescribeQuery("FROM " + QuoteIdentifier(catalog_) + "." + key);
  return it->second;
}

std::optional<ColumnTypes> EngineColumnTypes::DescribeQuery(const std::string& sql) {
  if (!session_.Run("USE " + QuoteIdentifier(catalog_))) return std::nullopt;
  const auto rows = engine::ReadTextRows(session_, "DESCRIBE (" + WithoutPlaceholders(sql, catalog_) + ")");
  (void)session_.Run("USE memory");
  if (!rows) return std::nullopt;
  ColumnTypes columns;
  for (const engine::TextRow& row : *rows) columns.emplace_back(row[0].value_or(""), row[1].value_or(""));
  return columns;
}

std::optional<std::string> EngineColumnTypes::FindFunction(const std::string& name, const std::string& catalog) {
  const std::size_t dot = name.find('.');
  const std::string schema = dot == std::string::npos ? std::string() : name.substr(0, dot);
  const std::string function = dot == std::string::npos ? name : name.substr(dot + 1);
  const auto rows = engine::ReadTextRows(
      session_, "SELECT schema_name FROM duckdb_functions() WHERE database_name = " + QuoteLiteral(catalog_) +
                    " AND lower(function_name) = " + QuoteLiteral(LowerAscii(function)) +
                    " ORDER BY schema_name <> 'main', schema_name");
  if (!rows) return std::nullopt;
  for (const engine::TextRow& row : *rows) {
    const std::string found = row[0].value_or("");
    if (!schema.empty() && LowerAscii(found) != LowerAscii(schema)) continue;
    return QuoteIdentifier(catalog) + "." + QuoteIdentifier(found) + "." + QuoteIdentifier(function);
  }
  return std::nullopt;
}

void EngineColumnTypes::ReadCatalog() {
  read_ = true;
  auto found = ReadRelations(session_, catalog_);
  // The list takes in every attached database, and one of them may be away.
  listed_ = found.has_value();
  if (!found) return;
  for (const auto& [key, relation] : *found) {
    ColumnTypes& columns = relations_[KeyOfTable(key.first, key.second)];
    if (IsUnread(relation)) unread_.insert(KeyOfTable(key.first, key.second));
    for (const ColumnInfo& column : relation.columns) columns.emplace_back(column.name, column.type);
  }
}

}  // namespace eider::sources
