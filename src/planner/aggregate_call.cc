#include "base/text.h"
#include "planner/aggregate.h"
#include "planner/dialect.h"

namespace eider::planner {

using catalog::ScalarKind;

namespace {

bool IsTrueArgument(const BoundField& field, std::string_view name) {
  const BoundValue* value = field.Argument(name);
  return value != nullptr && value->IsTrue();
}

std::string TextArgument(const BoundField& field, std::string_view name) {
  const BoundValue* value = field.Argument(name);
  return value == nullptr ? "" : value->text;
}

// What a function reads of a JSON document: the value at `path`, as the type that the function needs.
Value JsonOperand(const Dialect& dialect, const BoundField& function, const Value& value) {
  const std::string& name = function.binding->function_name;
  const std::string text = TextArgument(function, "path");
  const std::vector<std::string_view> path = SplitText(text, '.');
  Value out = value;
  if (name == "sum" || name == "avg" || name == "min" || name == "max") {
    out.kind = ScalarKind::kFloat;
  } else if (name == "bool_and" || name == "bool_or") {
    out.kind = ScalarKind::kBoolean;
  } else if (name == "string_agg") {
    out.kind = ScalarKind::kString;
  } else if (path.empty()) {
    return out;
  }
  out.sql = dialect.JsonAt(value.sql, path, out.kind, false);
  if (out.kind == ScalarKind::kJson) {
    out.sql = dialect.JsonOrNull(out.sql);
  } else {
    out.sql_type = dialect.TypeOf(out.kind);
  }
  return out;
}

}  // namespace

Value AggregateCall(Statement& statement, const BoundField& function, const Value& raw, const std::string& condition,
                    const std::string& order) {
  const Dialect& dialect = statement.dialect();
  const std::string& name = function.binding->function_name;
  AggregateTerm term{name, raw, IsTrueArgument(function, "distinct"), TextArgument(function, "sep"), order, condition};
  if (raw.kind == ScalarKind::kGeometry) return GeometryAggregate(statement, function, term);
  if (raw.kind == ScalarKind::kJson) term.value = JsonOperand(dialect, function, raw);
  Value out = term.value;
  if (name == "count") {
    out = Value{{}, ScalarKind::kBigInt, false, nullptr, {}, "BIGINT"};
  } else if (name == "list") {
    out.is_list = true;
  } else if (name == "string_agg") {
    out.kind = ScalarKind::kString;
    out.sql_type = dialect.TypeOf(out.kind);
  } else if (name == "avg") {
    out.kind = ScalarKind::kFloat;
    out.sql_type = dialect.TypeOf(out.kind);
  } else if (name != "sum" && name != "min" && name != "max" && name != "bool_and" && name != "bool_or" &&
             name != "any" && name != "last") {
    statement.Fail(function.position, "aggregate function \"" + name + "\" is not supported on this field");
  }
  out.sql = dialect.Aggregate(term);
  return out;
}

Value WeightedCall(Statement& statement, const BoundField& function, const Value& value, const std::string& weight,
                   const std::string& condition, const std::string& order) {
  const std::string& name = function.binding->function_name;
  Value out = AggregateCall(statement, function, value, condition, order);
  if (name != "sum" && name != "avg") return out;
  const Value number = value.kind == ScalarKind::kJson ? JsonOperand(statement.dialect(), function, value) : value;
  const std::string suffix = condition.empty() ? "" : " FILTER (WHERE " + condition + ")";
  out.sql = "sum(" + number.sql + " * " + weight + ")" + suffix;
  if (name == "avg") {
    out.sql.append(" / sum(CASE WHEN ").append(number.sql).append(" IS NOT NULL THEN ").append(weight).append(" END)");
    out.sql.append(suffix);
  }
  out.kind = ScalarKind::kFloat;
  out.sql_type = statement.dialect().TypeOf(out.kind);
  return out;
}

}  // namespace eider::planner
