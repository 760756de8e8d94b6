#include "planner/assigned.h"

#include "planner/json_filter.h"
#include "planner/outputs.h"
#include "planner/placeholders.h"

namespace eider::planner {

using catalog::Column;
using catalog::ScalarKind;

std::string AssignedSql(const Dialect& dialect, const Column& column, const BoundValue& value,
                        const AssignedOperands& operands, bool is_member) {
  if (value.IsNull()) return "NULL";
  if (value.kind == BoundKind::kParameter) return dialect.Written(column, operands.parameter(column, value), is_member);
  if (column.kind == ScalarKind::kJson) {
    return dialect.Written(column, operands.text(column, JsonTextOf(value)), is_member);
  }
  if (value.kind == BoundKind::kText) {
    if (column.kind == ScalarKind::kBoolean && !operands.boolean) return value.text;
    if (column.kind == ScalarKind::kBoolean) {
      return dialect.Written(column, operands.boolean(column, value.text), is_member);
    }
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

std::string DefaultExpression(const Dialect& dialect, const catalog::DataObject& object, const Column& column,
                              const std::string& text, const BoundValue& data, const AssignedOperands& operands) {
  return ReplacePlaceholders(text, [&](std::string_view name, bool) -> std::optional<std::string> {
    if (!name.starts_with('$')) return std::nullopt;
    if (name.starts_with("$auth.")) return operands.session ? operands.session(column, name) : std::string("NULL");
    name.remove_prefix(1);
    const BoundValue* value = data.Find(name);
    const Column* other = object.FindColumn(name);
    const bool given = value != nullptr && other != nullptr;
    return given ? AssignedSql(dialect, *other, *value, operands) : std::string("NULL");
  });
}

const Dialect& WriterOf(const catalog::DataObject& object) {
  return object.source->type == "postgres" ? Postgres() : DuckDb();
}

}  // namespace eider::planner
