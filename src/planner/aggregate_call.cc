#include "base/text.h"
#include "planner/aggregate.h"
#include "planner/json_filter.h"

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
Value JsonOperand(const BoundField& function, const Value& value) {
  const std::string& name = function.binding->function_name;
  const std::string path = TextArgument(function, "path");
  Value out = value;
  if (name == "sum" || name == "avg" || name == "min" || name == "max") {
    out.sql = "TRY_CAST(json_extract_string(" + value.sql + ", " + JsonPathLiteral(path) + ") AS DOUBLE)";
    out.kind = ScalarKind::kFloat;
  } else if (name == "bool_and" || name == "bool_or") {
    out.sql = "TRY_CAST(json_extract_string(" + value.sql + ", " + JsonPathLiteral(path) + ") AS BOOLEAN)";
    out.kind = ScalarKind::kBoolean;
  } else if (name == "string_agg") {
    out.sql = "json_extract_string(" + value.sql + ", " + JsonPathLiteral(path) + ")";
    out.kind = ScalarKind::kString;
  } else if (!path.empty()) {
    out.sql = "nullif(json_extract(" + value.sql + ", " + JsonPathLiteral(path) + "), CAST('null' AS JSON))";
  }
  return out;
}

}  // namespace

Value AggregateCall(Statement& statement, const BoundField& function, const Value& raw, const std::string& suffix,
                    const std::string& order) {
  const std::string& name = function.binding->function_name;
  const Value value = raw.kind == ScalarKind::kJson ? JsonOperand(function, raw) : raw;
  const std::string distinct = IsTrueArgument(function, "distinct") ? "DISTINCT " : "";
  Value out = value;
  auto call = [&](std::string_view engine_name) {
    out.sql = std::string(engine_name) + "(" + value.sql + ")" + suffix;
  };
  if (name == "count") {
    out = Value{"count(DISTINCT " + value.sql + ")" + suffix, ScalarKind::kBigInt, false, nullptr, {}, "BIGINT"};
  } else if (name == "list") {
    out.sql = "list(" + distinct + value.sql + order + ")" + suffix;
    out.is_list = true;
  } else if (name == "string_agg") {
    out.sql = "string_agg(" + distinct + value.sql + ", " + QuoteLiteral(TextArgument(function, "sep")) + order + ")" +
              suffix;
    out.kind = ScalarKind::kString;
    out.sql_type = "VARCHAR";
  } else if (name == "any") {
    out.sql = "any_value(" + value.sql + order + ")" + suffix;
  } else if (name == "last") {
    out.sql = "last(" + value.sql + order + ")" + suffix;
  } else if (name == "avg") {
    call("avg");
    out.kind = ScalarKind::kFloat;
    out.sql_type = "DOUBLE";
  } else if (name == "sum" || name == "min" || name == "max" || name == "bool_and" || name == "bool_or") {
    call(name);
  } else {
    statement.Fail(function.position, "aggregate function \"" + name + "\" is not supported on this field");
  }
  return out;
}

}  // namespace eider::planner
