#include "base/text.h"
#include "planner/expression.h"

// The `struct` argument of JSON fields: a template such as {rating: "float", tags: [{id: "bigint"}]}.
namespace eider::planner {
namespace {

using columnar::JsonForm;
using columnar::Shape;

struct TypeWord {
  std::string_view word;
  std::string_view engine_type;
  JsonForm form;
};

constexpr TypeWord kTypeWords[] = {
    {"string", "VARCHAR", JsonForm::kString},       {"int", "INTEGER", JsonForm::kValue},
    {"bigint", "BIGINT", JsonForm::kValue},         {"float", "DOUBLE", JsonForm::kValue},
    {"bool", "BOOLEAN", JsonForm::kValue},          {"timestamp", "TIMESTAMPTZ", JsonForm::kTimestamp},
    {"datetime", "TIMESTAMP", JsonForm::kDateTime}, {"json", "JSON", JsonForm::kJson},
    {"h3string", "VARCHAR", JsonForm::kString},
};

// Bound JSON strings carry a leading mark.
const TypeWord* FindWord(std::string_view text) {
  const std::string_view word = text.starts_with('s') ? text.substr(1) : std::string_view();
  for (const TypeWord& entry : kTypeWords) {
    if (entry.word == word) return &entry;
  }
  return nullptr;
}

// The template as the JSON text that the engine's json_transform() takes.
void AppendStructure(Statement& statement, const BoundValue& shape, std::string& out) {
  if (shape.kind == BoundKind::kObject) {
    out.push_back('{');
    for (const auto& [name, value] : shape.fields) {
      if (out.back() != '{') out.push_back(',');
      AppendJsonString(out, name);
      out.push_back(':');
      AppendStructure(statement, value, out);
    }
    out.push_back('}');
    return;
  }
  if (shape.kind == BoundKind::kList && shape.items.size() == 1) {
    out.push_back('[');
    AppendStructure(statement, shape.items[0], out);
    out.push_back(']');
    return;
  }
  const TypeWord* word = shape.kind == BoundKind::kText ? FindWord(shape.text) : nullptr;
  if (word == nullptr) {
    statement.Fail(shape.position,
                   "a \"struct\" template takes objects, one-element lists and the words string, int, "
                   "bigint, float, bool, timestamp, datetime, json, h3string");
    return;
  }
  AppendJsonString(out, word->engine_type);
}

}  // namespace

std::string JsonTemplateSql(Statement& statement, const BoundValue& shape, const std::string& json) {
  std::string structure;
  AppendStructure(statement, shape, structure);
  return "json_transform(" + json + ", " + QuoteLiteral(structure) + ")";
}

Shape JsonTemplateShape(const BoundValue& shape, int column) {
  Shape out;
  out.column = column;
  if (shape.kind == BoundKind::kObject) {
    out.form = JsonForm::kObject;
    int index = 0;
    for (const auto& [name, value] : shape.fields) {
      out.members.push_back(JsonTemplateShape(value, index++));
      out.members.back().key = name;
    }
    return out;
  }
  if (shape.kind == BoundKind::kList && !shape.items.empty()) {
    out.form = JsonForm::kList;
    out.members.push_back(JsonTemplateShape(shape.items[0], -1));
    return out;
  }
  const TypeWord* word = FindWord(shape.text);
  out.form = word == nullptr ? JsonForm::kValue : word->form;
  return out;
}

}  // namespace eider::planner
