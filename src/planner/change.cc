#include "planner/change.h"

#include <algorithm>

#include "base/text.h"
#include "planner/access.h"
#include "planner/assigned.h"
#include "planner/filter.h"
#include "planner/placeholders.h"
#include "planner/rule_data.h"
#include "planner/secret_column.h"
#include "planner/vector.h"

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
  const bool is_delete = root.binding->kind == catalog::FieldKind::kDelete;
  const auth::Operation operation = is_delete ? auth::Operation::kDelete : auth::Operation::kUpdate;
  CheckAllowed(statement, object, operation);
  std::vector<std::string> conditions{VisibleSql(object, kRow, false),
                                      RoleConditionSql(statement, object, operation, kRow)};
  if (root.rule_filter != nullptr) conditions.push_back(RuleFilterSql(statement, object, *root.rule_filter, kRow));
  if (const BoundValue* filter = root.Argument("filter")) {
    conditions.push_back(FilterSql(statement, object, kRow, *filter));
  }
  const std::string where = JoinConditions(conditions, "AND");
  return where.empty() ? "" : " WHERE " + where;
}

AssignedOperands Operands(Statement& statement, const DataObject& object) {
  return {.parameter =
              [&statement](const Column& column, const BoundValue& value) {
                // Each column gives a placeholder its own type there.
                return statement.Parameter(
                    value, statement.dialect().is_postgres() ? column.name + ":" + column.sql_type : "");
              },
          .text =
              [&statement](const Column& column, const std::string& text) {
                return column.kind == ScalarKind::kJson ? statement.dialect().JsonLiteral(text) : QuoteLiteral(text);
              },
          .session =
              [&statement, &object](const Column&, std::string_view name) {
                return SystemPlaceholder(statement, *object.source, name, false).value_or("NULL");
              }};
}

// The key that a row has after the update, for objects with secrets; these belong to their key.
std::string NewKeyOf(Statement& statement, const DataObject& object, const BoundValue& data,
                     const AssignedOperands& operands) {
  const bool has_secret = std::any_of(object.columns.begin(), object.columns.end(),
                                      [](const Column& column) { return column.secret != catalog::SecretKind::kNone; });
  if (!has_secret || object.primary_key.empty()) return {};
  const Column& key = *object.primary_key.front();
  const BoundValue* given = data.Find(key.name);
  if (given != nullptr && !given->IsNull()) return AssignedSql(statement.dialect(), key, *given, operands);
  return std::string(kRow) + "." + QuoteIdentifier(key.column);
}

// Encrypts secrets for the new key of their row, when an update changes that alone.
void MoveSecrets(const DataObject& object, const BoundValue& data, const std::string& key, Assignments& assignments) {
  if (key.empty() || data.Find(object.primary_key.front()->name) == nullptr) return;
  for (const Column& column : object.columns) {
    if (column.secret != catalog::SecretKind::kText || data.Find(column.name) != nullptr) continue;
    assignments.emplace_back(QuoteIdentifier(column.column), UpdatedSecret(object, column, kRow, {}, key));
  }
}

PlanResult<Change> Finish(const Statement& statement, std::string sql) {
  if (statement.error()) return tl::unexpected(*statement.error());
  Change change;
  change.sql = std::move(sql);
  change.parameter_map = statement.parameter_map();
  change.session = statement.session();
  return change;
}

// The query of a row that would be out of its role's sight after an update.
std::string LeavingSql(Statement& statement, const BoundField& root, const Assignments& assignments) {
  const DataObject& object = *root.binding->object;
  std::string values;
  for (const auto& [column, value] : assignments) {
    values.append(values.empty() ? "" : ", ").append(value).append(" AS ").append(column);
  }
  const std::string rows = "(SELECT * REPLACE (" + values + ") FROM " + statement.dialect().TableName(object) + " AS " +
                           std::string(kRow) + WhereText(statement, root) + ")";
  return "SELECT 'true' FROM " + rows + " AS " + std::string(kRow) + " WHERE NOT coalesce(" +
         RoleConditionSql(statement, object, auth::Operation::kQuery, kRow) + ", false) LIMIT 1";
}

PlanResult<Change> FinishUpdate(Statement& statement, const BoundField& root, const Assignments& assignments) {
  const DataObject& object = *root.binding->object;
  std::string list;
  for (const auto& [column, value] : assignments) {
    list.append(list.empty() ? "" : ", ").append(column).append(" = ").append(value);
  }
  std::string sql = "UPDATE " + statement.dialect().TableName(object) + " AS " + std::string(kRow) + " SET " + list +
                    WhereText(statement, root);
  const bool checks = root.access != nullptr && ChecksUpdates(*root.access, object);
  if (!checks) return Finish(statement, std::move(sql));
  if (statement.dialect().is_postgres()) {
    sql = "WITH changed AS (" + sql + " RETURNING coalesce(" +
          RoleConditionSql(statement, object, auth::Operation::kQuery, kRow) +
          ", false) AS stays) SELECT CAST(count(*) AS text), CAST(count(*) FILTER (WHERE NOT stays) AS text) FROM "
          "changed";
    auto change = Finish(statement, std::move(sql));
    if (change) change->counts_leaving = true;
    return change;
  }
  auto change = Finish(statement, std::move(sql));
  if (!change) return change;
  auto before = Finish(statement, LeavingSql(statement, root, assignments));
  if (!before) return before;
  change->before = std::make_shared<const Change>(std::move(*before));
  return change;
}

}  // namespace

void CheckWriteFilter(Statement& statement, const BoundField& root) {
  if (const BoundValue* filter = root.Argument("filter")) CheckFilterValue(statement, root, *filter, {});
}

PlanResult<Change> CompileUpdate(const BoundField& root) {
  const DataObject& object = *root.binding->object;
  Statement statement(WriterOf(object));
  statement.SetAccess(root.access.get());
  CheckWriteFilter(statement, root);
  const BoundValue* data = root.Argument("data");
  if (data == nullptr || data->fields.empty()) {
    statement.Fail(root.position, "invalid data argument type");
    return Finish(statement, {});
  }
  const AssignedOperands operands = Operands(statement, object);
  Assignments assignments;
  const std::string key = NewKeyOf(statement, object, *data, operands);
  for (const auto& [name, value] : data->fields) {
    const Column* column = object.FindColumn(name);
    if (column == nullptr) continue;
    if (value.IsNull() && (column->non_null || column->is_pk))
      statement.Fail(root.position, "field " + name + " is required");
    if (const std::string problem = VectorProblem(*column, value); !problem.empty())
      statement.Fail(root.position, problem);
    std::string assigned = AssignedSql(statement.dialect(), *column, value, operands);
    if (column->secret != catalog::SecretKind::kNone) {
      assigned = UpdatedSecret(object, *column, kRow, assigned, key);
    }
    assignments.emplace_back(QuoteIdentifier(column->column), std::move(assigned));
    if (column->secret == catalog::SecretKind::kKey) KeepKey(kRow, data->Find("grace") != nullptr, assignments);
  }
  MoveSecrets(object, *data, key, assignments);
  for (const Column& column : object.columns) {
    if (column.update_exp.empty() || data->Find(column.name) != nullptr) continue;
    assignments.emplace_back(QuoteIdentifier(column.column), DefaultExpression(statement.dialect(), object, column,
                                                                               column.update_exp, *data, operands));
  }
  return FinishUpdate(statement, root, assignments);
}

PlanResult<Change> CompileDelete(const BoundField& root) {
  const DataObject& object = *root.binding->object;
  Statement statement(WriterOf(object));
  statement.SetAccess(root.access.get());
  CheckWriteFilter(statement, root);
  const std::string where = WhereText(statement, root);
  if (object.soft_delete) {
    return Finish(statement, "UPDATE " + statement.dialect().TableName(object) + " AS " + std::string(kRow) + " SET " +
                                 object.soft_delete_set + where);
  }
  return Finish(statement, "DELETE FROM " + statement.dialect().TableName(object) + " AS " + std::string(kRow) + where);
}

PlanResult<Change> CompileChangedRows(const BoundField& root, ChangedRows what) {
  const DataObject& object = *root.binding->object;
  Statement statement(WriterOf(object));
  statement.SetAccess(root.access.get());
  CheckWriteFilter(statement, root);
  std::string list = what == ChangedRows::kCount ? "CAST(count(*) AS VARCHAR)" : "";
  if (what == ChangedRows::kKeys) {
    for (const Column* column : object.primary_key) {
      list.append(list.empty() ? "" : ", ").append("CAST(").append(kRow).append(".");
      list.append(QuoteIdentifier(column->column)).append(" AS VARCHAR)");
    }
  }
  return Finish(statement, "SELECT " + list + " FROM " + statement.dialect().TableName(object) + " AS " +
                               std::string(kRow) + WhereText(statement, root));
}

}  // namespace eider::planner
