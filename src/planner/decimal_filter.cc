#include "planner/decimal_filter.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "planner/dialect.h"
#include "planner/foreign_numbers.h"

namespace eider::planner {
namespace {

constexpr int kDigits = 38;    // Of the engine's widest decimal.
constexpr int kOfDouble = 15;  // What every double keeps.

// DECIMAL(38,10), numeric(38,10); 0 for any other type.
struct Width {
  int digits = 0;
  int scale = 0;
};

Width WidthOf(const Value& value) {
  Width width;
  if (value.of_postgres) {
    if (const auto form = DecimalFormOf(value.sql_type)) return {form->digits, form->scale};
  }
  const std::string_view type = value.sql_type;
  const std::size_t open = type.find('(');
  if (open == std::string_view::npos) return width;
  const std::string name = LowerAscii(type.substr(0, open));
  if (name != "decimal" && name != "numeric") return width;
  const auto [comma, failed] = std::from_chars(type.data() + open + 1, type.data() + type.size(), width.digits);
  if (failed == std::errc() && *comma == ',') std::from_chars(comma + 1, type.data() + type.size(), width.scale);
  return width;
}

std::string OperandText(Statement& statement, const BoundValue& operand) {
  const bool is_parameter = operand.kind == BoundKind::kParameter;
  return "CAST(" + (is_parameter ? statement.Parameter(operand) : QuoteLiteral(operand.text)) + " AS VARCHAR)";
}

// What an operand is compared as, and its text.
struct Operand {
  std::string text;
  int scale = 0;

  std::string Decimal() const { return "TRY_CAST(" + text + " AS DECIMAL(38," + std::to_string(scale) + "))"; }
  // Whether the decimal has all digits of the text.
  std::string IsExact() const {
    return "NOT regexp_matches(" + text + ", '[eE]|[.][0-9]{" + std::to_string(scale + 1) + ",}')";
  }
};

// The comparison `plain` of decimals; `strict` of them and, where the operand was rounded, `plain` of doubles.
std::string Condition(const std::string& sql, const Operand& operand, std::string_view plain, std::string_view strict) {
  const std::string decimal = operand.Decimal();
  const std::string doubles =
      "CAST(" + sql + " AS DOUBLE) " + std::string(plain) + " CAST(" + operand.text + " AS DOUBLE)";
  const std::string different = strict.empty() ? "" : sql + " " + std::string(strict) + " " + decimal + " OR ";
  return "CASE WHEN " + decimal + " IS NULL THEN " + doubles + " WHEN " + operand.IsExact() + " THEN " + sql + " " +
         std::string(plain) + " " + decimal + " ELSE " + different + "(" + sql + " = " + decimal + " AND " + doubles +
         ") END";
}

std::string Membership(Statement& statement, const std::string& sql, int scale, const BoundValue& list) {
  const Operand item{"u", scale};
  return sql + " IN (SELECT " + item.Decimal() + " FROM (SELECT unnest(CAST(" + statement.Parameter(list) +
         " AS VARCHAR[])) AS u) WHERE " + item.Decimal() + " IS NOT NULL AND (" + item.IsExact() + " OR CAST(" +
         item.Decimal() + " AS DOUBLE) = CAST(u AS DOUBLE)))";
}

}  // namespace

std::string WideDecimalCondition(Statement& statement, const Value& value, std::string_view op,
                                 const BoundValue& operand) {
  if (statement.dialect().is_postgres() || value.kind != catalog::ScalarKind::kFloat) return {};
  const Width width = WidthOf(value);
  if (width.digits <= kOfDouble) return {};
  const int scale = std::max(width.scale, kDigits - (width.digits - width.scale));
  if (op == "in") {
    const bool is_list = operand.kind == BoundKind::kParameter && operand.is_list;
    return is_list ? Membership(statement, value.sql, scale, operand) : std::string();
  }
  struct Operator {
    std::string_view name;
    std::string_view plain;
    std::string_view strict;
  };
  constexpr Operator kOperators[] = {{"eq", "=", ""},    {"ne", "=", ""},  {"gt", ">", ">"},
                                     {"gte", ">=", ">"}, {"lt", "<", "<"}, {"lte", "<=", "<"}};
  for (const auto& [name, plain, strict] : kOperators) {
    if (name != op) continue;
    const Operand read{OperandText(statement, operand), scale};
    return (op == "ne" ? "NOT (" : "(") + Condition(value.sql, read, plain, strict) + ")";
  }
  return {};
}

}  // namespace eider::planner
