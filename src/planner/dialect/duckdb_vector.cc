#include "planner/dialect/duckdb.h"

namespace eider::planner {

// The other vector is rounded as the stored one is; then both are measured as doubles.
std::string DuckDbDialect::Distance(std::string_view distance, const Value& value, const OtherVector& other) const {
  const bool wide = value.sql_type.starts_with("DOUBLE") || value.sql_type.starts_with("double");
  const std::string size = "[" + std::to_string(other.length) + "]";
  const std::string stored = (wide ? "DOUBLE" : "FLOAT") + size;
  const auto numbers = [&](const std::string& sql) {
    return "CAST(CAST(" + sql + " AS " + stored + ") AS DOUBLE" + size + ")";
  };
  const std::string left = numbers(value.sql);
  const std::string right = numbers(other.text);
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

}  // namespace eider::planner
