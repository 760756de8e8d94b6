#include "planner/assigned.h"

#include "planner/json_filter.h"
#include "planner/outputs.h"
#include "planner/placeholders.h"

namespace eider::planner {

using catalog::Column;
using catalog::ScalarKind;

namespace {

// A parameter inside a structure or among the items of a list. The embedded engine would take one for bytes as text,
// and its base64 as the bytes themselves; PostgreSQL packs members into JSON, where a list needs its type.
std::string MemberParameter(const Dialect& dialect, const Column& column, bool is_list, const std::string& sql) {
  if (dialect.is_postgres()) {
    if (!is_list) return dialect.Written(column, sql, true);
    const bool is_known = !column.sql_type.empty();
    return "to_jsonb(" +
           (is_known ? dialect.Written(column, sql, false)
                     : "CAST(" + sql + " AS " + std::string(dialect.TypeOf(column.kind)) + "[])") +
           ")";
  }
  const bool is_bytes = column.sql_type == "BLOB" || column.sql_type == "BLOB[]";
  const std::string typed = is_bytes ? "CAST(" + sql + (is_list ? " AS BLOB[])" : " AS BLOB)") : sql;
  return dialect.Written(column, typed, true);
}

}  // namespace

std::string AssignedSql(const Dialect& dialect, const Column& column, const BoundValue& value,
                        const AssignedOperands& operands, bool is_member) {
  if (value.IsNull()) return "NULL";
  if (value.kind == BoundKind::kParameter) {
    const std::string sql = operands.parameter(column, value);
    return is_member ? MemberParameter(dialect, column, value.is_list, sql) : dialect.Written(column, sql, false);
  }
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
