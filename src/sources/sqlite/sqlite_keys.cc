#include "sources/sqlite/sqlite_keys.h"

#include <algorithm>

#include "base/text.h"
#include "engine/text_rows.h"

namespace eider::sources {
namespace {

using engine::TextRow;

constexpr std::string_view kUnique =
    "SELECT m.name AS tbl, l.name AS idx, i.name AS col FROM sqlite_master m, pragma_index_list(m.name) l, "
    "pragma_index_info(l.name) i WHERE m.type = 'table' AND l.\"unique\" = 1 AND l.partial = 0 AND l.origin <> 'pk' "
    "ORDER BY m.name, l.name, i.seqno";

constexpr std::string_view kForeign =
    "SELECT m.name AS tbl, f.id AS number, f.\"from\" AS col, f.\"table\" AS target, f.\"to\" AS target_col "
    "FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq";

// A single INTEGER PRIMARY KEY is another name of the row's number, which SQLite gives.
constexpr std::string_view kFilled =
    "SELECT m.name AS tbl, c.name AS col FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND "
    "(c.dflt_value IS NOT NULL OR (c.pk = 1 AND upper(c.type) = 'INTEGER' AND upper(m.sql) NOT LIKE '%WITHOUT ROWID%' "
    "AND (SELECT count(*) FROM pragma_table_info(m.name) o WHERE o.pk > 0) = 1))";

Result<std::vector<TextRow>> Ask(engine::Session& session, const std::string& catalog, std::string_view sql) {
  return engine::ReadTextRows(session,
                              "SELECT * FROM sqlite_query(" + QuoteLiteral(catalog) + ", " + QuoteLiteral(sql) + ")");
}

RelationInfo* Find(RelationMap& relations, const TextRow& row) {
  const auto found = relations.find({"main", row[0].value_or("")});
  return found == relations.end() ? nullptr : &found->second;
}

void AddUnique(const std::vector<TextRow>& rows, RelationMap& relations) {
  std::string index;
  for (const TextRow& row : rows) {
    RelationInfo* relation = Find(relations, row);
    if (relation == nullptr) continue;
    const bool same = index == row[1].value_or("");
    index = row[1].value_or("");
    if (!same) relation->unique_keys.emplace_back();
    // A part that is an expression has no name; such a key is left out below.
    relation->unique_keys.back().columns.push_back(row[2].value_or(""));
  }
  for (auto& [key, relation] : relations) {
    std::erase_if(relation.unique_keys, [](const KeyInfo& unique) {
      return std::find(unique.columns.begin(), unique.columns.end(), "") != unique.columns.end();
    });
  }
}

void AddForeign(const std::vector<TextRow>& rows, RelationMap& relations) {
  const TextRow* before = nullptr;
  for (const TextRow& row : rows) {
    RelationInfo* relation = Find(relations, row);
    if (relation == nullptr) continue;
    if (before == nullptr || (*before)[0] != row[0] || (*before)[1] != row[1]) {
      relation->foreign_keys.push_back({{}, "main", row[3].value_or(""), {}});
    }
    before = &row;
    ForeignKeyInfo& key = relation->foreign_keys.back();
    key.columns.push_back(row[2].value_or(""));
    if (row[4]) key.referenced_columns.push_back(*row[4]);
  }
}

// A reference that names no columns means the target's key; names are compared without case.
void CompleteForeign(RelationMap& relations) {
  for (auto& [name, relation] : relations) {
    for (ForeignKeyInfo& key : relation.foreign_keys) {
      for (const auto& [target, info] : relations) {
        if (LowerAscii(target.second) != LowerAscii(key.referenced_table)) continue;
        key.referenced_table = target.second;
        if (key.referenced_columns.empty()) key.referenced_columns = info.primary_key;
      }
    }
    std::erase_if(relation.foreign_keys,
                  [](const ForeignKeyInfo& key) { return key.columns.size() != key.referenced_columns.size(); });
  }
}

}  // namespace

Status AddSqliteKeys(engine::Session& session, const std::string& catalog, RelationMap& relations) {
  std::erase_if(relations, [](const auto& entry) { return entry.first.second.starts_with("sqlite_"); });
  EIDER_ASSIGN_OR_RETURN(const auto unique, Ask(session, catalog, kUnique));
  EIDER_ASSIGN_OR_RETURN(const auto foreign, Ask(session, catalog, kForeign));
  EIDER_ASSIGN_OR_RETURN(const auto filled, Ask(session, catalog, kFilled));
  for (auto& [name, relation] : relations) relation.unique_keys.clear();
  AddUnique(unique, relations);
  AddForeign(foreign, relations);
  CompleteForeign(relations);
  for (const TextRow& row : filled) {
    RelationInfo* relation = Find(relations, row);
    if (relation == nullptr) continue;
    for (ColumnInfo& column : relation->columns) {
      if (column.name == row[1].value_or("")) column.filled_by_database = true;
    }
  }
  return {};
}

}  // namespace eider::sources
