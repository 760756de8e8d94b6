#include "planner/change.h"

#include "base/text.h"
#include "planner/filter.h"
#include "planner/json_filter.h"

namespace eider::planner {

using catalog::Column;
using catalog::DataObject;
using catalog::ScalarKind;

namespace {

// The alias of the changed row; expressions of @default(update_exp) use the same word.
constexpr std::string_view kRow = "objects";

void CheckFilterValue(Statement& statement, const BoundField& root, const BoundValue& value, const std::string& path) {
  const std::string name(root.def->name);
  if (value.IsNull()) {
    statement.Fail(root.position, path.empty() ? "filter of " + name + " has no conditions"
                                               : "filter of " + name + ": no value for \"" + path + "\"");
    return;
  }
  const bool empty_object = value.kind == BoundKind::kObject && value.fields.empty();
  const bool empty_list = value.kind == BoundKind::kList && value.items.empty();
  if (empty_object || empty_list) {
    statement.Fail(root.position, "filter of " + name + " has no conditions");
    return;
  }
  for (const auto& [field, inner] : value.fields) {
    CheckFilterValue(statement, root, inner, path.empty() ? field : path + "." + field);
  }
  for (const BoundValue& item : value.items) CheckFilterValue(statement, root, item, path);
}

std::string WhereText(Statement& statement, const BoundField& root) {
  const DataObject& object = *root.binding->object;
  std::vector<std::string> conditions{VisibleSql(object, kRow, false)};
  if (const BoundValue* filter = root.Argument("filter")) {
    conditions.push_back(FilterSql(statement, object, kRow, *filter));
  }
  const std::string where = JoinConditions(conditions, "AND");
  return where.empty() ? "" : " WHERE " + where;
}

// The SQL of one new column value.
std::string AssignedSql(Statement& statement, const Column& column, const BoundValue& value) {
  if (value.IsNull()) return "NULL";
  if (value.kind == BoundKind::kParameter) return statement.Parameter(value);
  if (column.kind == ScalarKind::kJson) return "CAST(" + QuoteLiteral(JsonTextOf(value)) + " AS JSON)";
  if (value.kind == BoundKind::kText) {
    return column.kind == ScalarKind::kBoolean ? value.text : QuoteLiteral(value.text);
  }
  if (value.kind == BoundKind::kList) {
    std::string items;
    for (const BoundValue& item : value.items) {
      items.append(items.empty() ? "" : ", ").append(AssignedSql(statement, column, item));
    }
    return "[" + items + "]";
  }
  std::string members;
  for (const auto& [name, member] : value.fields) {
    const Column* inner = column.structure == nullptr ? nullptr : column.structure->Find(name);
    if (inner == nullptr) continue;
    members.append(members.empty() ? "" : ", ").append(QuoteLiteral(inner->column)).append(": ");
    members.append(AssignedSql(statement, *inner, member));
  }
  const std::string packed = members.empty() ? "NULL" : "{" + members + "}";
  return column.sql_type.empty() ? packed : "CAST(" + packed + " AS " + column.sql_type + ")";
}

// An update_exp with [$field] replaced by the new value of that field.
std::string UpdateExpression(Statement& statement, const DataObject& object, const Column& column,
                             const BoundValue& data) {
  std::string out;
  const std::string& text = column.update_exp;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t close = text.compare(i, 2, "[$") == 0 ? text.find(']', i) : std::string::npos;
    if (close == std::string::npos) {
      out.push_back(text[i]);
      continue;
    }
    const std::string name = text.substr(i + 2, close - i - 2);
    const BoundValue* value = data.Find(name);
    const Column* source = object.FindColumn(name);
    out.append(value == nullptr || source == nullptr ? "NULL" : AssignedSql(statement, *source, *value));
    i = close;
  }
  return out;
}

PlanResult<Change> Finish(const Statement& statement, std::string sql) {
  if (statement.error()) return tl::unexpected(*statement.error());
  return Change{std::move(sql), statement.parameter_map()};
}

}  // namespace

void CheckWriteFilter(Statement& statement, const BoundField& root) {
  if (const BoundValue* filter = root.Argument("filter")) CheckFilterValue(statement, root, *filter, {});
}

PlanResult<Change> CompileUpdate(const BoundField& root) {
  Statement statement;
  CheckWriteFilter(statement, root);
  const DataObject& object = *root.binding->object;
  const BoundValue* data = root.Argument("data");
  if (data == nullptr || data->fields.empty()) {
    statement.Fail(root.position, "invalid data argument type");
    return Finish(statement, {});
  }
  std::string assignments;
  for (const auto& [name, value] : data->fields) {
    const Column* column = object.FindColumn(name);
    if (column == nullptr) continue;
    if (value.IsNull() && (column->non_null || column->is_pk))
      statement.Fail(root.position, "field " + name + " is required");
    assignments.append(assignments.empty() ? "" : ", ").append(QuoteIdentifier(column->column)).append(" = ");
    assignments.append(AssignedSql(statement, *column, value));
  }
  for (const Column& column : object.columns) {
    if (column.update_exp.empty() || data->Find(column.name) != nullptr) continue;
    assignments.append(", ").append(QuoteIdentifier(column.column)).append(" = ");
    assignments.append(UpdateExpression(statement, object, column, *data));
  }
  return Finish(statement, "UPDATE " + object.relation_sql + " AS " + std::string(kRow) + " SET " + assignments +
                               WhereText(statement, root));
}

PlanResult<Change> CompileDelete(const BoundField& root) {
  Statement statement;
  CheckWriteFilter(statement, root);
  const DataObject& object = *root.binding->object;
  const std::string where = WhereText(statement, root);
  if (object.soft_delete) {
    return Finish(statement, "UPDATE " + object.relation_sql + " AS " + std::string(kRow) + " SET " +
                                 object.soft_delete_set + where);
  }
  return Finish(statement, "DELETE FROM " + object.relation_sql + " AS " + std::string(kRow) + where);
}

}  // namespace eider::planner
