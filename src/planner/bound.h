#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/model.h"
#include "engine/value.h"
#include "graphql/schema.h"

// A request after its variables were put in: what the compiler reads. Literals and variables that may differ between
// executions of one plan stand as parameters; everything else is structure and part of the plan's key.
namespace eider::planner {

class Access;

enum class BoundKind { kNull, kParameter, kText, kList, kObject };

struct BoundMember;

// An argument value. kText holds structural scalars as text: enum values, booleans ("true"), numbers, strings.
struct BoundValue {
  BoundKind kind = BoundKind::kNull;
  int parameter = -1;    // kParameter: index into BoundRoot::parameters.
  bool is_list = false;  // kParameter: the parameter is a list; kList of structure otherwise.
  int length = 0;        // kParameter: of a vector, how many numbers it has; part of the key.
  std::string text;
  std::vector<BoundValue> items;
  std::vector<BoundMember> fields;
  graphql::Position position = 0;

  // A null written at `position`.
  static BoundValue NullAt(graphql::Position position);
  // A parameter that takes request parameter `index`.
  static BoundValue ParameterOf(int index, bool is_list);

  bool IsNull() const { return kind == BoundKind::kNull; }
  bool IsTrue() const { return kind == BoundKind::kText && text == "true"; }
  // The field called `name`, or nullptr.
  const BoundValue* Find(std::string_view name) const;
};

struct BoundMember {
  std::string name;
  BoundValue value;
};

inline BoundValue BoundValue::NullAt(graphql::Position position) {
  BoundValue value;
  value.position = position;
  return value;
}

inline BoundValue BoundValue::ParameterOf(int index, bool is_list) {
  BoundValue value;
  value.kind = BoundKind::kParameter;
  value.parameter = index;
  value.is_list = is_list;
  return value;
}

inline const BoundValue* BoundValue::Find(std::string_view name) const {
  for (const BoundMember& member : fields) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

// A moment of a source's history (@at): a version's number, or a timestamp in the engine's form.
struct TimePoint {
  bool is_version = false;
  std::string text;
};

// One selected field with its merged sub-selection.
struct BoundField {
  std::string response_name;
  const graphql::Field* def = nullptr;
  const graphql::Type* parent = nullptr;                      // The type that the field was selected on.
  const catalog::FieldBinding* binding = nullptr;             // Null for __typename and introspection fields.
  std::vector<std::pair<std::string, BoundValue>> arguments;  // Given ones, and defaults that carry meaning.
  std::vector<BoundMember> call_arguments;                    // Instead of these, when the field calls a function.
  std::vector<BoundField> children;
  bool with_deleted = false;
  bool no_pushdown = false;
  bool unnest = false;
  std::optional<TimePoint> at;
  graphql::Position position = 0;
  std::shared_ptr<const Access> access;      // Of a root field: the rules of the role; null = none.
  const std::string* rule_filter = nullptr;  // A filter that the role's rule for this field adds; lives with `access`.

  const BoundValue* Argument(std::string_view name) const {
    for (const auto& [argument, value] : arguments) {
      if (argument == name) return &value;
    }
    return nullptr;
  }
  bool IsTypename() const { return def != nullptr && def->name == "__typename"; }
};

// Relations that a request makes up, with the bindings of their fields.
struct TiedRelations {
  std::deque<catalog::Relation> relations;
  std::deque<catalog::FieldBinding> bindings;
};

// A root field ready for compiling, with the values of its parameters and the text that names its plan.
struct BoundRoot {
  BoundField field;
  std::shared_ptr<TiedRelations> tied;  // What bindings of `field` point at besides the schema; may be null.
  engine::Parameters parameters;
  std::string key;
  // Of a field that inserts: how much of `key` and of `parameters` belongs to what it selects; its data comes after.
  std::size_t selection_key = 0;
  std::size_t selection_parameters = 0;
  // Columns that rules give to the rows of junctions, which no client writes itself.
  std::map<const catalog::DataObject*, BoundValue> link_data;
};

}  // namespace eider::planner
