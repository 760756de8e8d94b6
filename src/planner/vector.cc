#include "planner/vector.h"

#include "planner/dialect.h"

namespace eider::planner {

using catalog::ScalarKind;

namespace {

// `left` and `right` are arrays of doubles.
std::string DistanceSql(std::string_view distance, const std::string& left, const std::string& right) {
  const std::string both = "(" + left + ", " + right + ")";
  if (distance == "L2") return "array_distance" + both;
  // The negative function of the engine makes a negative zero.
  if (distance == "Inner") return "(0 - array_inner_product" + both + ")";
  // A vector without a length has no direction.
  const auto has_length = [](const std::string& array) {
    return "array_inner_product(" + array + ", " + array + ") > 0";
  };
  return "(CASE WHEN " + has_length(left) + " AND " + has_length(right) + " THEN array_cosine_distance" + both +
         " END)";
}

}  // namespace

Value DistanceValue(Statement& statement, const BoundField& field, const Value& value) {
  Value out{"NULL", ScalarKind::kFloat};
  out.sql_type = statement.dialect().TypeOf(out.kind);
  const BoundValue* vector = field.Argument("vector");
  const BoundValue* distance = field.Argument("distance");
  if (vector == nullptr || vector->IsNull() || distance == nullptr || distance->IsNull()) {
    statement.Fail(field.position, "arguments \"vector\" and \"distance\" are required");
    return out;
  }
  const std::string problem = VectorProblem(*field.binding->column, *vector);
  if (!problem.empty()) statement.Fail(field.position, problem);
  // The other vector is rounded as the stored one is; then both are measured as doubles.
  const bool wide = value.sql_type.starts_with("DOUBLE") || value.sql_type.starts_with("double");
  const std::string size = "[" + std::to_string(vector->length) + "]";
  const std::string stored = (wide ? "DOUBLE" : "FLOAT") + size;
  const auto numbers = [&](const std::string& sql) {
    return "CAST(CAST(" + sql + " AS " + stored + ") AS DOUBLE" + size + ")";
  };
  out.sql = DistanceSql(distance->text, numbers(value.sql), numbers(OperandSql(statement, *vector, Value{})));
  return out;
}

std::string VectorProblem(const catalog::Column& column, const BoundValue& value) {
  if (column.kind != ScalarKind::kVector || column.dim == 0 || value.length == 0 || value.length == column.dim)
    return {};
  return "the vector for \"" + column.name + "\" must have " + std::to_string(column.dim) + " numbers, it has " +
         std::to_string(value.length);
}

}  // namespace eider::planner
