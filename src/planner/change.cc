#include "planner/change.h"

#include <algorithm>

#include "base/text.h"
#include "planner/assigned.h"
#include "planner/filter.h"
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
  std::vector<std::string> conditions{VisibleSql(object, kRow, false)};
  if (const BoundValue* filter = root.Argument("filter")) {
    conditions.push_back(FilterSql(statement, object, kRow, *filter));
  }
  const std::string where = JoinConditions(conditions, "AND");
  return where.empty() ? "" : " WHERE " + where;
}

AssignedOperands Operands(Statement& statement) {
  return {[&statement](const Column& column, const BoundValue& value) {
            // Each column gives a placeholder its own type there.
            return statement.Parameter(value,
                                       statement.dialect().is_postgres() ? column.name + ":" + column.sql_type : "");
          },
          [&statement](const Column& column, const std::string& text) {
            return column.kind == ScalarKind::kJson ? statement.dialect().JsonLiteral(text) : QuoteLiteral(text);
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
std::string MovedSecrets(const DataObject& object, const BoundValue& data, const std::string& key) {
  std::string sql;
  if (key.empty() || data.Find(object.primary_key.front()->name) == nullptr) return sql;
  for (const Column& column : object.columns) {
    if (column.secret != catalog::SecretKind::kText || data.Find(column.name) != nullptr) continue;
    sql.append(", ").append(QuoteIdentifier(column.column)).append(" = ");
    sql.append(UpdatedSecret(object, column, kRow, {}, key));
  }
  return sql;
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
  const DataObject& object = *root.binding->object;
  Statement statement(WriterOf(object));
  CheckWriteFilter(statement, root);
  const BoundValue* data = root.Argument("data");
  if (data == nullptr || data->fields.empty()) {
    statement.Fail(root.position, "invalid data argument type");
    return Finish(statement, {});
  }
  const AssignedOperands operands = Operands(statement);
  std::string assignments;
  const std::string key = NewKeyOf(statement, object, *data, operands);
  for (const auto& [name, value] : data->fields) {
    const Column* column = object.FindColumn(name);
    if (column == nullptr) continue;
    if (value.IsNull() && (column->non_null || column->is_pk))
      statement.Fail(root.position, "field " + name + " is required");
    if (const std::string problem = VectorProblem(*column, value); !problem.empty())
      statement.Fail(root.position, problem);
    assignments.append(assignments.empty() ? "" : ", ").append(QuoteIdentifier(column->column)).append(" = ");
    const std::string assigned = AssignedSql(statement.dialect(), *column, value, operands);
    if (column->secret == catalog::SecretKind::kNone) {
      assignments.append(assigned);
      continue;
    }
    assignments.append(UpdatedSecret(object, *column, kRow, assigned, key));
    if (column->secret == catalog::SecretKind::kKey) assignments.append(KeptKey(kRow, data->Find("grace") != nullptr));
  }
  assignments.append(MovedSecrets(object, *data, key));
  for (const Column& column : object.columns) {
    if (column.update_exp.empty() || data->Find(column.name) != nullptr) continue;
    assignments.append(", ").append(QuoteIdentifier(column.column)).append(" = ");
    assignments.append(DefaultExpression(statement.dialect(), object, column.update_exp, *data, operands));
  }
  return Finish(statement, "UPDATE " + statement.dialect().TableName(object) + " AS " + std::string(kRow) + " SET " +
                               assignments + WhereText(statement, root));
}

PlanResult<Change> CompileDelete(const BoundField& root) {
  const DataObject& object = *root.binding->object;
  Statement statement(WriterOf(object));
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
