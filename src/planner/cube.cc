#include "planner/cube.h"

#include <algorithm>

namespace eider::planner {

using catalog::FieldKind;

namespace {

constexpr std::string_view kKey = "key";
constexpr std::string_view kAggregations = "aggregations";
constexpr std::string_view kValue = "value";

struct Function {
  std::string_view word;
  std::string_view name;
};
constexpr Function kFunctions[] = {{"SUM", "sum"}, {"AVG", "avg"},    {"MIN", "min"},     {"MAX", "max"},
                                   {"ANY", "any"}, {"OR", "bool_or"}, {"AND", "bool_and"}};

// The aggregate function that a field asks for; empty = the field is part of the key.
std::string FunctionOf(const BoundField& field) {
  const BoundValue* value = field.Argument("measurement_func");
  if (value == nullptr || value->IsNull()) return {};
  for (const Function& function : kFunctions) {
    if (function.word == value->text) return std::string(function.name);
  }
  return {};
}

const columnar::Shape* FindMember(const columnar::Shape& object, std::string_view key) {
  const auto found = std::find_if(object.members.begin(), object.members.end(),
                                  [&](const columnar::Shape& member) { return member.key == key; });
  return found == object.members.end() ? nullptr : &*found;
}

void DropArgument(BoundField& field, std::string_view name) {
  std::erase_if(field.arguments, [&](const auto& argument) { return argument.first == name; });
}

}  // namespace

CubeSelect::CubeSelect(Statement& statement, const BoundField& root) : root_(root), buckets_(root) {
  key_.response_name = kKey;
  key_.position = root.position;
  key_.binding = &bindings_.emplace_back(*root.binding);
  bindings_.back().kind = FieldKind::kBucketKey;
  aggregations_ = key_;
  aggregations_.response_name = kAggregations;
  aggregations_.binding = &bindings_.emplace_back(*root.binding);
  bindings_.back().kind = FieldKind::kBucketAggregations;
  for (const BoundField& child : root.children) {
    const std::string function = FunctionOf(child);
    if (function.empty()) {
      key_.children.push_back(child);
      DropArgument(key_.children.back(), "measurement_func");
    } else {
      AddMeasurement(child, function);
    }
  }
  buckets_.children.clear();
  buckets_.children.push_back(key_);
  if (!aggregations_.children.empty()) buckets_.children.push_back(aggregations_);
  for (auto& [name, value] : buckets_.arguments) {
    if (name == "order_by" || name == "nested_order_by") RewritePaths(statement, value, true);
    if (name == "distinct_on") RewritePaths(statement, value, false);
  }
}

void CubeSelect::AddMeasurement(const BoundField& field, const std::string& function) {
  BoundField column = field;
  DropArgument(column, "measurement_func");
  column.binding = &bindings_.emplace_back(*field.binding);
  bindings_.back().kind = FieldKind::kAggregateColumn;
  BoundField call;
  call.response_name = kValue;
  call.position = field.position;
  call.binding = &bindings_.emplace_back(*field.binding);
  bindings_.back().kind = FieldKind::kAggregateFunction;
  bindings_.back().function_name = function;
  column.children.clear();
  column.children.push_back(std::move(call));
  aggregations_.children.push_back(std::move(column));
}

std::string CubeSelect::PathOf(const std::string& path) const {
  const std::string name = path.substr(0, path.find('.'));
  const auto& children = root_.children;
  auto found = std::find_if(children.begin(), children.end(),
                            [&](const BoundField& child) { return child.response_name == name; });
  if (found == children.end()) {
    found = std::find_if(children.begin(), children.end(), [&](const BoundField& child) {
      return child.binding != nullptr && child.binding->kind == FieldKind::kColumn && child.def->name == name;
    });
  }
  if (found == children.end()) return {};
  const std::string rest = path.size() > name.size() ? path.substr(name.size()) : "";
  if (FunctionOf(*found).empty()) return std::string(kKey) + "." + found->response_name + rest;
  return std::string(kAggregations) + "." + found->response_name + rest + "." + std::string(kValue);
}

void CubeSelect::RewritePaths(Statement& statement, BoundValue& value, bool is_order) const {
  if (is_order && value.kind == BoundKind::kObject) {
    for (BoundMember& member : value.fields) {
      if (member.name == "field") RewritePaths(statement, member.value, false);
    }
    return;
  }
  for (BoundValue& item : value.items) RewritePaths(statement, item, is_order);
  if (value.kind != BoundKind::kText) return;
  const std::string path = PathOf(value.text);
  if (path.empty()) statement.Fail(value.position, "field " + value.text + " not found or not sortable");
  value.text = path;
}

columnar::Shape CubeSelect::Flatten(const columnar::Shape& bucket) const {
  columnar::Shape row = bucket;
  row.members.clear();
  const columnar::Shape* key = FindMember(bucket, kKey);
  const columnar::Shape* aggregations = FindMember(bucket, kAggregations);
  for (const BoundField& child : root_.children) {
    const bool in_key = FunctionOf(child).empty();
    const columnar::Shape* object = in_key ? key : aggregations;
    const columnar::Shape* member = object == nullptr ? nullptr : FindMember(*object, child.response_name);
    if (member != nullptr && !in_key) member = FindMember(*member, kValue);
    if (member == nullptr) continue;
    row.members.push_back(*member);
    row.members.back().key = child.response_name;
  }
  return row;
}

}  // namespace eider::planner
