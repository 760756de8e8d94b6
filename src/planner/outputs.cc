#include "planner/outputs.h"

#include <algorithm>

#include "base/text.h"

namespace eider::planner {

using columnar::JsonForm;
using columnar::Shape;

std::string NameList(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out.append(out.empty() ? "" : ", ").append(name);
  return out;
}

int OutputList::Add(const std::string& sql) {
  const auto found = std::find(columns_.begin(), columns_.end(), sql);
  const auto index = found - columns_.begin();
  if (found == columns_.end()) columns_.push_back(sql);
  return static_cast<int>(index);
}

void RemapColumns(Shape& shape, const std::vector<int>& map) {
  if (shape.presence >= 0) shape.presence = map[static_cast<std::size_t>(shape.presence)];
  if (shape.column >= 0) {
    shape.column = map[static_cast<std::size_t>(shape.column)];
    return;
  }
  for (Shape& member : shape.members) RemapColumns(member, map);
}

Shape TypenameShape(const BoundField& field) {
  Shape shape;
  shape.key = field.response_name;
  shape.form = JsonForm::kConstant;
  AppendJsonString(shape.constant, field.parent->name);
  return shape;
}

Shape FlatObject(std::string key, int presence) {
  Shape shape;
  shape.key = std::move(key);
  shape.form = JsonForm::kObject;
  shape.presence = presence;
  return shape;
}

}  // namespace eider::planner
