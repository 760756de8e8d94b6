#pragma once

#include <string>
#include <string_view>

#include "columnar/shape.h"
#include "planner/bound.h"
#include "planner/statement.h"

// SQL expressions for single values, and the JSON form in which they are shown.
namespace eider::planner {

// A typed SQL expression.
struct Value {
  std::string sql;
  catalog::ScalarKind kind = catalog::ScalarKind::kString;
  bool is_list = false;
  const catalog::StructType* structure = nullptr;
  catalog::StructStorage storage = catalog::StructStorage::kStruct;
  std::string sql_type;
  bool of_postgres = false;  // `sql_type` is a type of PostgreSQL.
  int srid = 0;              // kGeometry: 0 = not known.
  bool is_native = false;    // kGeometry: the engine's own type, whatever the column's is.
  bool non_null = false;     // Stored and never NULL.
};

// What stands in FROM for the rows of `object`, without an alias: its table, or its view's query in parentheses with
// placeholders filled from the arguments of `field` (null = none). Holds only the rows that the role's rules for the
// object and for the field let through; forbids the request when the object may not be read.
// `filter`: of a rule, in place of the field's own; null = none.
std::string FromText(Statement& statement, const catalog::DataObject& object, const BoundField* field,
                     const std::string* filter = nullptr);

// `rows` (what stands in FROM for rows of `object`) with only those that the rules let through.
std::string PermittedRows(Statement& statement, const catalog::DataObject& object, const std::string& rows,
                          const BoundField* field, const std::string* filter = nullptr);

// The two halves of FromText(): all rows, and the condition that the rules put on the row `alias`; empty = none.
std::string AllRowsText(Statement& statement, const catalog::DataObject& object, const BoundField* field);
std::string PermittedSql(Statement& statement, const catalog::DataObject& object, std::string_view alias,
                         const BoundField* field, const std::string* filter = nullptr);

// SQL of the schema with [column] placeholders, over the row with alias `alias`; in parentheses.
std::string RowSql(const catalog::DataObject& object, std::string_view sql, std::string_view alias);

// A column of the row with alias `alias`; @sql columns are expanded.
Value ColumnValue(const catalog::DataObject& object, const catalog::Column& column, std::string_view alias);

// The same for what is shown to the role that the statement is for.
Value ShownValue(const Statement& statement, const catalog::DataObject& object, const catalog::Column& column,
                 std::string_view alias);

// The member of a structural value, whichever way the structure is stored.
Value MemberValue(const Statement& statement, const Value& structure, const catalog::Column& member);

// Applies a field's own arguments (`bucket`, `bucket_interval`; `transforms` …) to its column value.
Value ApplyFieldArguments(Statement& statement, const BoundField& field, Value value);

// The member of `structure` that `field` selects, with the field's arguments applied.
Value SelectedMember(Statement& statement, const Value& structure, const BoundField& field);

// The value of an extra field over its column's value: `_f_part(extract, extract_divide)`, `_g_measurement(type, …)`.
Value ExtraValue(Statement& statement, const BoundField& field, const Value& value);

// How a scalar (or list of scalars) of this kind is shown, read from container column `column`.
columnar::Shape ScalarShape(const Value& value, int column);

// A bound parameter or structural scalar as an SQL operand to be compared with values like `peer`.
std::string OperandSql(Statement& statement, const BoundValue& value, const Value& peer);

}  // namespace eider::planner
