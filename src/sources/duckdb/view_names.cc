#include "sources/duckdb/view_names.h"

#include <rapidjson/document.h>

#include <map>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "engine/text_rows.h"

namespace eider::sources {
namespace {

using rapidjson::Value;
using Names = std::set<std::string>;

constexpr std::string_view kCatalogPlaceholder = "[$catalog]";

// The same text with placeholders replaced by something of equal length that parses, so that positions stay true.
std::string Parseable(std::string sql) {
  bool in_literal = false;
  for (std::size_t at = 0; at < sql.size(); ++at) {
    if (sql[at] == '\'') in_literal = !in_literal;
    if (in_literal || sql.compare(at, 2, "[$") != 0) continue;
    const std::size_t close = sql.find(']', at);
    if (close == std::string::npos) break;
    const std::size_t length = close + 1 - at;
    std::string stand_in = "NULL";
    if (sql.compare(at, length, kCatalogPlaceholder) == 0) {
      stand_in = close + 1 < sql.size() && sql[close + 1] == '.' ? "\"catalog_\"" : "'catalog_'";
    }
    stand_in.resize(std::max(length, stand_in.size()), ' ');
    if (stand_in.size() == length) sql.replace(at, length, stand_in);
    at = close;
  }
  return sql;
}

// Finds the places in a serialized statement where a catalog is to be written.
class TableNames {
 public:
  TableNames(const std::string& sql, std::string prefix, std::string default_schema, const RelationExists& exists)
      : sql_(sql),
        prefix_(std::move(prefix)),
        default_schema_(std::move(default_schema)),
        exists_(exists) {}

  void Walk(const Value& node, const Names& ctes) {
    if (node.IsArray()) {
      for (const Value& item : node.GetArray()) Walk(item, ctes);
    }
    if (!node.IsObject()) return;
    if (TextMember(node, "type") == "BASE_TABLE") return AddTable(node, ctes);
    Names inner = ctes;
    if (const auto name = TextMember(node, "cte_name"); !name.empty()) inner.insert(LowerAscii(name));
    const auto map = node.FindMember("cte_map");
    if (map != node.MemberEnd()) WalkCtes(map->value, inner);
    for (const auto& member : node.GetObject()) {
      if (member.name != "cte_map") Walk(member.value, inner);
    }
  }

  // By position, the text to insert there.
  const std::map<std::size_t, std::string>& insertions() const { return insertions_; }

 private:
  // A CTE sees those before it; what follows sees all.
  void WalkCtes(const Value& map, Names& names) {
    const auto list = map.FindMember("map");
    if (list == map.MemberEnd() || !list->value.IsArray()) return;
    for (const Value& entry : list->value.GetArray()) {
      if (const auto query = entry.FindMember("value"); query != entry.MemberEnd()) Walk(query->value, names);
      names.insert(LowerAscii(TextMember(entry, "key")));
    }
  }

  void AddTable(const Value& table, const Names& ctes) {
    const std::string schema = TextMember(table, "schema_name");
    const std::string name = TextMember(table, "table_name");
    const auto position = table.FindMember("query_location");
    if (!TextMember(table, "catalog_name").empty() || position == table.MemberEnd() || !position->value.IsUint64())
      return;
    if (schema.empty() && ctes.contains(LowerAscii(name))) return;
    const std::uint64_t at = position->value.GetUint64();
    if (!StartsHere(at, schema.empty() ? name : schema) || !exists_(schema, name)) return;
    insertions_[at] = prefix_ + (schema.empty() ? "." + default_schema_ + "." : ".");
  }

  bool StartsHere(std::uint64_t at, std::string_view word) const {
    if (at >= sql_.size()) return false;
    return sql_[at] == '"' || LowerAscii(sql_.substr(at, word.size())) == LowerAscii(word);
  }

  const std::string& sql_;
  const std::string prefix_;
  const std::string default_schema_;
  const RelationExists& exists_;
  std::map<std::size_t, std::string> insertions_;
};

}  // namespace

std::string QualifyTableNames(engine::Session& session, const std::string& sql, const std::string& catalog,
                              const RelationExists& exists, std::string_view default_schema) {
  const auto rows =
      engine::ReadTextRows(session, "SELECT json_serialize_sql(" + QuoteLiteral(Parseable(sql)) + ") AS tree");
  if (!rows || rows->empty() || !rows->front()[0]) return sql;
  rapidjson::Document tree;
  tree.Parse<rapidjson::kParseIterativeFlag>(rows->front()[0]->c_str());
  if (tree.HasParseError()) return sql;
  const std::string schema = default_schema == "main" ? "main" : QuoteIdentifier(default_schema);
  TableNames names(sql, QuoteIdentifier(catalog), schema, exists);
  names.Walk(tree, {});
  std::string out = sql;
  for (auto it = names.insertions().rbegin(); it != names.insertions().rend(); ++it) out.insert(it->first, it->second);
  return out;
}

}  // namespace eider::sources
