#include "planner/dialect/postgres.h"
#include "planner/dialect/postgres_type.h"
#include "planner/statement.h"

namespace eider::planner {

namespace {

std::string Flag(const std::string& condition, const BoundValue& operand) {
  return operand.IsTrue() ? condition : "NOT " + condition;
}

std::string_view BoundType(std::string_view range) {
  if (range == "int4range") return "integer";
  if (range == "int8range") return "bigint";
  if (range == "numrange") return "numeric";
  if (range == "daterange") return "date";
  return range == "tsrange" ? "timestamp" : "timestamp with time zone";
}

}  // namespace

std::string PostgresDialect::RangeCondition(Statement& statement, const Value& range, std::string_view op,
                                            const BoundValue& operand) const {
  const std::string& sql = range.sql;
  const std::string own = WithoutModifier(range.sql_type);
  const std::string type = own.ends_with("range") ? own : std::string(TypeOf(range.kind));
  if (op == "lower_inf") return Flag("lower_inf(" + sql + ")", operand);
  if (op == "upper_inf") return Flag("upper_inf(" + sql + ")", operand);
  if (op == "lower_inclusive") return Flag("lower_inc(" + sql + ")", operand);
  if (op == "upper_inclusive") return Flag("upper_inc(" + sql + ")", operand);
  auto value = [&](std::string_view wanted) {
    return "CAST(" + statement.Parameter(operand, wanted) + " AS " + std::string(wanted) + ")";
  };
  if (op == "contains") return sql + " @> " + value(BoundType(type));
  if (op == "lower") return "lower(" + sql + ") = " + value(BoundType(type));
  if (op == "upper") return "upper(" + sql + ") = " + value(BoundType(type));
  if (op == "intersects") return sql + " && " + value(type);
  if (op == "includes") return sql + " @> " + value(type);
  if (op == "excludes") return "(NOT isempty(" + sql + ") AND NOT " + sql + " @> " + value(type) + ")";
  if (op == "eq") return sql + " = " + value(type);
  statement.Fail(operand.position, "filter operator \"" + std::string(op) + "\" is not supported on ranges");
  return {};
}

}  // namespace eider::planner
