#include "base/text.h"
#include "planner/dialect/postgres.h"

namespace eider::planner {

using catalog::ScalarKind;

std::string PostgresDialect::Truncate(std::string_view unit, const Value& value) const {
  const std::string call = "date_trunc(" + QuoteLiteral(unit) + ", ";
  if (value.kind != ScalarKind::kDate) return call + value.sql + ")";
  return "CAST(" + call + "CAST(" + value.sql + " AS timestamp)) AS date)";
}

std::string PostgresDialect::TimeBucket(const std::string& width, const Value& value) const {
  const std::string interval = "CAST(" + QuoteLiteral(width) + " AS interval)";
  const bool has_zone = value.kind == ScalarKind::kTimestamp;
  const std::string utc = has_zone ? "(" + value.sql + " AT TIME ZONE 'UTC')" : "CAST(" + value.sql + " AS timestamp)";
  const std::string months = "(extract(year FROM " + interval + ") * 12 + extract(month FROM " + interval + "))";
  const std::string since = "((extract(year FROM " + utc + ") - 2000) * 12 + extract(month FROM " + utc + ") - 1)";
  const std::string by_months = "CAST('2000-01-01' AS timestamp) + make_interval(months => CAST(floor(" + since +
                                " / " + months + ") * " + months + " AS integer))";
  const std::string by_width = "date_bin(" + interval + ", " + utc + ", CAST('2000-01-03' AS timestamp))";
  const std::string bucket = "(CASE WHEN " + months + " > 0 THEN " + by_months + " ELSE " + by_width + " END)";
  if (has_zone) return "(" + bucket + " AT TIME ZONE 'UTC')";
  return value.kind == ScalarKind::kDate ? "CAST(" + bucket + " AS date)" : bucket;
}

std::string PostgresDialect::TimePart(std::string_view part, const Value& value) const {
  if (part == "iso_dow") part = "isodow";
  if (part == "iso_year") part = "isoyear";
  const std::string sql = value.kind == ScalarKind::kDate ? "CAST(" + value.sql + " AS timestamp)" : value.sql;
  const std::string number = "floor(extract(" + std::string(part) + " FROM " + sql + "))";
  // Infinity has no parts.
  return "CASE WHEN isfinite(" + value.sql + ") THEN CAST(" + number + " AS bigint) END";
}

std::string PostgresDialect::Divide(const std::string& a, std::int64_t by) const {
  return "(" + a + " / " + std::to_string(by) + ")";
}

}  // namespace eider::planner
