#include "planner/range_filter.h"

namespace eider::planner {

using catalog::ScalarKind;

namespace {

// A range text taken apart: its bounds as values (NULL = unbounded) and whether they belong to the range. Integer
// ranges are brought to the canonical form [lower, upper).
struct RangeParts {
  std::string lower;
  std::string upper;
  std::string lower_inclusive;
  std::string upper_inclusive;
  std::string is_range;  // The text is a range and not the empty one.
};

std::string Piece(const std::string& text, int group) {
  return "regexp_extract(" + text + R"re(, '^\s*([\[\(])\s*"?([^",]*)"?\s*,\s*"?([^",]*)"?\s*([\]\)])\s*$', )re" +
         std::to_string(group) + ")";
}

RangeParts Take(const std::string& text, ScalarKind kind) {
  const bool discrete = kind != ScalarKind::kTimestampRange;
  const std::string type = discrete ? "HUGEINT" : "TIMESTAMP WITH TIME ZONE";
  auto bound = [&](int group) { return "TRY_CAST(nullif(trim(" + Piece(text, group) + "), '') AS " + type + ")"; };
  const std::string closed_below = "(" + Piece(text, 1) + " = '[')";
  const std::string closed_above = "(" + Piece(text, 4) + " = ']')";
  RangeParts parts{bound(2), bound(3), closed_below, closed_above, "(" + Piece(text, 1) + " <> '')"};
  if (!discrete) return parts;
  parts.lower = "(" + parts.lower + " + CASE WHEN " + closed_below + " THEN 0 ELSE 1 END)";
  parts.upper = "(" + parts.upper + " + CASE WHEN " + closed_above + " THEN 1 ELSE 0 END)";
  parts.lower_inclusive = "(" + parts.lower + " IS NOT NULL)";
  parts.upper_inclusive = "false";
  return parts;
}

std::string ContainsElement(const RangeParts& range, const std::string& element) {
  return "(" + range.is_range + " AND (" + range.lower + " IS NULL OR " + range.lower + " < " + element + " OR (" +
         range.lower_inclusive + " AND " + range.lower + " = " + element + ")) AND (" + range.upper + " IS NULL OR " +
         element + " < " + range.upper + " OR (" + range.upper_inclusive + " AND " + range.upper + " = " + element +
         ")))";
}

// `a` does not end before `b` starts.
std::string Reaches(const RangeParts& a, const RangeParts& b) {
  return "(" + a.upper + " IS NULL OR " + b.lower + " IS NULL OR " + b.lower + " < " + a.upper + " OR (" + a.upper +
         " = " + b.lower + " AND " + a.upper_inclusive + " AND " + b.lower_inclusive + "))";
}

std::string Intersects(const RangeParts& a, const RangeParts& b) {
  return "(" + a.is_range + " AND " + b.is_range + " AND " + Reaches(a, b) + " AND " + Reaches(b, a) + ")";
}

std::string Includes(const RangeParts& a, const RangeParts& b) {
  const std::string below = "(" + a.lower + " IS NULL OR (" + b.lower + " IS NOT NULL AND (" + a.lower + " < " +
                            b.lower + " OR (" + a.lower + " = " + b.lower + " AND (" + a.lower_inclusive + " OR NOT " +
                            b.lower_inclusive + ")))))";
  const std::string above = "(" + a.upper + " IS NULL OR (" + b.upper + " IS NOT NULL AND (" + b.upper + " < " +
                            a.upper + " OR (" + a.upper + " = " + b.upper + " AND (" + a.upper_inclusive + " OR NOT " +
                            b.upper_inclusive + ")))))";
  return "(" + a.is_range + " AND " + b.is_range + " AND " + below + " AND " + above + ")";
}

// No flag of a range that is NULL has any value.
std::string Flag(const std::string& text, const std::string& condition, const BoundValue& operand) {
  return "(" + text + " IS NOT NULL AND " + (operand.IsTrue() ? "" : "NOT ") + condition + ")";
}

}  // namespace

bool IsRange(ScalarKind kind) {
  return kind == ScalarKind::kIntRange || kind == ScalarKind::kBigIntRange || kind == ScalarKind::kTimestampRange;
}

std::string RangeTextCondition(Statement& statement, const Value& range, std::string_view op,
                               const BoundValue& operand) {
  const std::string text = "CAST(" + range.sql + " AS VARCHAR)";
  const RangeParts parts = Take(text, range.kind);
  if (op == "lower_inf") return Flag(text, "(" + parts.is_range + " AND " + parts.lower + " IS NULL)", operand);
  if (op == "upper_inf") return Flag(text, "(" + parts.is_range + " AND " + parts.upper + " IS NULL)", operand);
  if (op == "lower_inclusive") return Flag(text, parts.lower_inclusive, operand);
  if (op == "upper_inclusive") return Flag(text, parts.upper_inclusive, operand);
  const bool discrete = range.kind != ScalarKind::kTimestampRange;
  const std::string value = OperandSql(statement, operand, Value{});
  const std::string element = "CAST(" + value + (discrete ? " AS BIGINT)" : " AS TIMESTAMP WITH TIME ZONE)");
  if (op == "contains") return ContainsElement(parts, element);
  if (op == "lower") return "(" + parts.is_range + " AND " + parts.lower + " = " + element + ")";
  if (op == "upper") return "(" + parts.is_range + " AND " + parts.upper + " = " + element + ")";
  const RangeParts other = Take("CAST(" + value + " AS VARCHAR)", range.kind);
  if (op == "intersects") return Intersects(parts, other);
  if (op == "includes") return Includes(parts, other);
  if (op == "excludes") return "(" + parts.is_range + " AND NOT " + Includes(parts, other) + ")";
  if (op == "eq") return "(" + Includes(parts, other) + " AND " + Includes(other, parts) + ")";
  statement.Fail(operand.position, "filter operator \"" + std::string(op) + "\" is not supported on ranges");
  return {};
}

}  // namespace eider::planner
