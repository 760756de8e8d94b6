#include "planner/json_template.h"

#include "base/text.h"

namespace eider::planner {
namespace {

using catalog::ScalarKind;
using columnar::JsonForm;
using columnar::Shape;

constexpr TemplateWord kWords[] = {
    {"string", "VARCHAR", ScalarKind::kString, JsonForm::kString},
    {"int", "INTEGER", ScalarKind::kInt, JsonForm::kValue},
    {"bigint", "BIGINT", ScalarKind::kBigInt, JsonForm::kValue},
    {"float", "DOUBLE", ScalarKind::kFloat, JsonForm::kValue},
    {"bool", "BOOLEAN", ScalarKind::kBoolean, JsonForm::kValue},
    {"timestamp", "TIMESTAMPTZ", ScalarKind::kTimestamp, JsonForm::kTimestamp},
    {"datetime", "TIMESTAMP", ScalarKind::kDateTime, JsonForm::kDateTime},
    {"json", "JSON", ScalarKind::kJson, JsonForm::kJson},
    {"h3string", "VARCHAR", ScalarKind::kString, JsonForm::kString},
};

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
  const TemplateWord* word = FindTemplateWord(shape);
  if (word == nullptr) return FailTemplate(statement, shape);
  AppendJsonString(out, word->engine_type);
}

}  // namespace

// Bound JSON strings carry a leading mark.
const TemplateWord* FindTemplateWord(const BoundValue& leaf) {
  if (leaf.kind != BoundKind::kText || !leaf.text.starts_with('s')) return nullptr;
  for (const TemplateWord& entry : kWords) {
    if (entry.word == std::string_view(leaf.text).substr(1)) return &entry;
  }
  return nullptr;
}

void FailTemplate(Statement& statement, const BoundValue& leaf) {
  statement.Fail(leaf.position,
                 "a \"struct\" template takes objects, one-element lists and the words string, int, "
                 "bigint, float, bool, timestamp, datetime, json, h3string");
}

std::string JsonStructureText(Statement& statement, const BoundValue& shape) {
  std::string structure;
  AppendStructure(statement, shape, structure);
  return structure;
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
  const TemplateWord* word = FindTemplateWord(shape);
  out.form = word == nullptr ? JsonForm::kValue : word->form;
  return out;
}

}  // namespace eider::planner
