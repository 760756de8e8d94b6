#include "planner/assigned.h"

#include "planner/json_filter.h"
#include "planner/outputs.h"

namespace eider::planner {

using catalog::Column;
using catalog::ScalarKind;

std::string AssignedSql(const Dialect& dialect, const Column& column, const BoundValue& value,
                        const AssignedOperands& operands, bool is_member) {
  if (value.IsNull()) return "NULL";
  if (value.kind == BoundKind::kParameter) return dialect.Written(column, operands.parameter(value), is_member);
  if (column.kind == ScalarKind::kJson) {
    return dialect.Written(column, operands.text(column, JsonTextOf(value)), is_member);
  }
  if (value.kind == BoundKind::kText) {
    if (column.kind == ScalarKind::kBoolean) return value.text;
    return dialect.Written(column, operands.text(column, value.text), is_member);
  }
  if (value.kind == BoundKind::kList) {
    std::vector<std::string> items;
    for (const BoundValue& item : value.items) {
      items.push_back(AssignedSql(dialect, column, item, operands, true));
    }
    return dialect.PackItems(column, NameList(items), is_member);
  }
  std::vector<std::pair<std::string, std::string>> members;
  for (const auto& [name, member] : value.fields) {
    const Column* inner = column.structure == nullptr ? nullptr : column.structure->Find(name);
    if (inner == nullptr) continue;
    members.emplace_back(inner->column, AssignedSql(dialect, *inner, member, operands, true));
  }
  return members.empty() ? "NULL" : dialect.PackMembers(column, members);
}

std::string DefaultExpression(const Dialect& dialect, const catalog::DataObject& object, const std::string& text,
                              const BoundValue& data, const AssignedOperands& operands) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t close = text.compare(i, 2, "[$") == 0 ? text.find(']', i) : std::string::npos;
    if (close == std::string::npos) {
      out.push_back(text[i]);
      continue;
    }
    const std::string name = text.substr(i + 2, close - i - 2);
    const BoundValue* value = data.Find(name);
    const Column* column = object.FindColumn(name);
    const bool given = value != nullptr && column != nullptr;
    out.append(given ? AssignedSql(dialect, *column, *value, operands) : "NULL");
    i = close;
  }
  return out;
}

const Dialect& WriterOf(const catalog::DataObject& /*object*/) { return DuckDb(); }

}  // namespace eider::planner
