#include "sources/column_types.h"

#include <rapidjson/document.h>

#include <charconv>

#include "base/json.h"
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

// Appends the estimated rows of every part of a plan that unites tables; 0 = none is told.
void AddEstimates(const rapidjson::Value& plan, std::vector<std::int64_t>& out) {
  if (!plan.IsObject() || !plan.HasMember("children") || !plan["children"].IsArray()) return;
  if (TextMember(plan, "name") == "UNION") {
    for (const rapidjson::Value& part : plan["children"].GetArray()) AddEstimates(part, out);
    return;
  }
  std::int64_t& rows = out.emplace_back(0);
  const rapidjson::Value* extra = FindMember(plan, "extra_info");
  if (extra == nullptr) return;
  const std::string told = TextMember(*extra, "Estimated Cardinality");
  std::from_chars(told.data(), told.data() + told.size(), rows);
}

// In the order of the tables; `json` is the engine's plan.
std::vector<std::int64_t> EstimatesOf(const std::string& json) {
  std::vector<std::int64_t> out;
  rapidjson::Document plans;
  plans.Parse(json.data(), json.size());
  if (plans.HasParseError() || !plans.IsArray()) return out;
  for (const rapidjson::Value& plan : plans.GetArray()) AddEstimates(plan, out);
  return out;
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

std::int64_t EngineColumnTypes::EstimateRows(const catalog::DataObject& object) {
  if (object.source->type != "duckdb" || object.relation_sql.empty()) return -1;
  if (!estimated_) ReadEstimates();
  const auto found = estimates_.find(KeyOfRelation(object.relation_sql, object.source->catalog));
  const std::int64_t rows = found == estimates_.end() ? -1 : found->second;
  return rows > 0 ? rows : -1;  // What is empty now may be filled at any time.
}

// The engine's list of tables has the same numbers, but asks every attached database for them. A plan costs half a
// millisecond, one for many tables not much more.
void EngineColumnTypes::ReadEstimates() {
  constexpr std::size_t kAtOnce = 100;
  estimated_ = true;
  if (!read_) ReadCatalog();
  auto table = tables_.begin();
  while (table != tables_.end()) {
    std::vector<std::string> keys;
    std::string sql = "EXPLAIN (FORMAT json) ";
    for (; table != tables_.end() && keys.size() < kAtOnce; ++table) {
      sql.append(keys.empty() ? "" : " UNION ALL ");
      sql.append("SELECT 1 FROM ").append(QuoteIdentifier(catalog_)).append(".").append(*table);
      keys.push_back(*table);
    }
    const auto rows = engine::QueryTexts(session_, sql);
    if (!rows || rows->empty() || rows->front().size() < 2) continue;
    const std::vector<std::int64_t> estimates = EstimatesOf(rows->front()[1].value_or(""));
    if (estimates.size() != keys.size()) continue;
    for (std::size_t i = 0; i < keys.size(); ++i) estimates_[keys[i]] = estimates[i];
  }
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
    if (!relation.is_view) tables_.push_back(KeyOfTable(key.first, key.second));
    for (const ColumnInfo& column : relation.columns) columns.emplace_back(column.name, column.type);
  }
}

}  // namespace eider::sources
