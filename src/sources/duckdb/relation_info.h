#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "engine/session.h"
#include "engine/text_rows.h"

namespace eider::sources {

// What the engine's catalog says about one attached database.
struct ColumnInfo {
  std::string name;
  std::string type;  // As the engine prints it.
  bool nullable = true;
  std::string default_value;  // SQL text; empty = none.
  std::string comment;
  std::string directives;           // In SDL, with a leading space, in place of what the type alone tells.
  bool filled_by_database = false;  // Has a value when an insert leaves it out, though no expression tells which.
};

struct KeyInfo {
  std::vector<std::string> columns;
};

struct ForeignKeyInfo {
  std::vector<std::string> columns;
  std::string referenced_schema;
  std::string referenced_table;
  std::vector<std::string> referenced_columns;
};

struct RelationInfo {
  bool is_view = false;
  std::string comment;
  std::vector<ColumnInfo> columns;  // In order.
  std::vector<std::string> primary_key;
  std::vector<KeyInfo> unique_keys;
  std::vector<ForeignKeyInfo> foreign_keys;
};

// Relations by (schema, name), hence in a stable order.
using RelationMap = std::map<std::pair<std::string, std::string>, RelationInfo>;

// The text of a cell; empty for NULL.
std::string TextOf(const std::optional<std::string>& value);
// The texts of a JSON list; none when it is no list.
std::vector<std::string> TextListOf(const std::optional<std::string>& json);
// The relation named by the first two cells of a row, or nullptr.
RelationInfo* FindRelation(RelationMap& relations, const engine::TextRow& row);

// The columns of one relation of the attached database `catalog`, without defaults and comments.
Result<std::vector<ColumnInfo>> DescribeRelation(engine::Session& session, const std::string& catalog,
                                                 const std::string& schema, const std::string& name);
// Some attached databases list a table before they have read what it holds, with one column that stands for all.
bool IsUnread(const RelationInfo& relation);

// Reads tables and views of all schemas of the attached database `catalog`.
Result<RelationMap> ReadRelations(engine::Session& session, const std::string& catalog);

}  // namespace eider::sources
