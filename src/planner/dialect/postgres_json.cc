#include "planner/dialect/postgres_json.h"

#include <algorithm>

#include "base/text.h"
#include "planner/dialect/postgres.h"
#include "planner/json_filter.h"
#include "planner/json_template.h"
#include "planner/statement.h"

namespace eider::planner {

using catalog::ScalarKind;

namespace {

// Texts that can be cast without an error. Exponents and digits are bounded so that the cast stays in range.
constexpr std::string_view kNumber = R"(^\s*[-+]?(\d{1,100}\.?\d{0,100}|\.\d{1,100})([eE][-+]?\d{1,2})?\s*$)";
constexpr std::string_view kDay = R"((?!0000)\d{4}-(0?[1-9]|1[0-2])-(0?[1-9]|[12]\d|3[01]))";
constexpr std::string_view kClock = R"(([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?)";
constexpr std::string_view kZone = R"((\s*(Z|[-+]\d{2}(:?\d{2})?))?)";
constexpr std::string_view kNoSuchDay = R"(^\s*\d{4}-((0?[469]|11)-31|0?2-3))";
constexpr std::string_view kLeapDay = R"(^\s*\d{4}-0?2-29)";
constexpr std::string_view kLeapYear = R"(^\s*(\d\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-)";
constexpr std::string_view kInterval =
    R"(^\s*(?=\S)([-+]?\d{1,9}(\.\d{1,6})?\s*(years?|mons?|months?|weeks?|days?|hours?|hrs?|minutes?|mins?|seconds?|secs?)\s*)*)"
    R"(([-+]?\d{1,8}:[0-5]?\d(:[0-5]?\d(\.\d{1,6})?)?\s*)?$)";

std::string Matches(std::string_view pattern) { return "s ~ " + QuoteLiteral(pattern); }

// A text `s` that is a date, perhaps with a time.
std::string DayCondition() {
  const std::string pattern =
      "^\\s*" + std::string(kDay) + "([ T]" + std::string(kClock) + std::string(kZone) + ")?\\s*$";
  return Matches(pattern) + " AND NOT " + Matches(kNoSuchDay) + " AND (NOT " + Matches(kLeapDay) + " OR " +
         Matches(kLeapYear) + ")";
}

// `j` as a number.
std::string Number(JsonConversion conversion) {
  const std::string from_boolean = conversion == JsonConversion::kTyped
                                       ? " WHEN 'boolean' THEN CAST(CAST(CAST(j AS boolean) AS integer) AS numeric)"
                                       : "";
  return "CASE jsonb_typeof(j) WHEN 'number' THEN CAST(j AS numeric)" + from_boolean +
         " WHEN 'string' THEN CASE WHEN " + Matches(kNumber) + " THEN CAST(s AS numeric) END END";
}

std::string Integer(JsonConversion conversion, std::string_view low, std::string_view high, std::string_view type) {
  return "(SELECT CASE WHEN round(n) BETWEEN " + std::string(low) + " AND " + std::string(high) + " THEN CAST(n AS " +
         std::string(type) + ") END FROM (SELECT " + Number(conversion) + " AS n) AS number)";
}

std::string Double(JsonConversion conversion) {
  return "(SELECT CASE WHEN n = 0 THEN 0.0 WHEN abs(n) < 1e-323 THEN 0.0 WHEN abs(n) < 1.797e308 THEN CAST(n AS "
         "double precision) END FROM (SELECT " +
         Number(conversion) + " AS n) AS number)";
}

std::string Boolean(JsonConversion conversion) {
  std::string words =
      "CASE WHEN lower(s) IN ('true', 't', '1', 'yes', 'y') THEN true "
      "WHEN lower(s) IN ('false', 'f', '0', 'no', 'n') THEN false END";
  if (conversion == JsonConversion::kText) return words;
  return "CASE jsonb_typeof(j) WHEN 'number' THEN CAST(j AS numeric) <> 0 ELSE " + words + " END";
}

// The conversion of a value that stands as `j` (JSON) and `s` (its text).
std::string Conversion(ScalarKind kind, JsonConversion conversion) {
  const std::string has_zone = Matches(R"(\d\s*(Z|[-+]\d{2}(:?\d{2})?)\s*$)") + " AND " + Matches(":");
  switch (kind) {
    case ScalarKind::kInt: return Integer(conversion, "-2147483648", "2147483647", "integer");
    case ScalarKind::kBigInt: return Integer(conversion, "-9223372036854775808", "9223372036854775807", "bigint");
    case ScalarKind::kFloat: return Double(conversion);
    case ScalarKind::kBoolean: return Boolean(conversion);
    case ScalarKind::kDate: return "CASE WHEN " + DayCondition() + " THEN CAST(s AS date) END";
    case ScalarKind::kTimestamp: return "CASE WHEN " + DayCondition() + " THEN CAST(s AS timestamp with time zone) END";
    case ScalarKind::kDateTime:
      return "CASE WHEN " + DayCondition() + " THEN CASE WHEN " + has_zone +
             " THEN CAST(s AS timestamp with time zone) AT TIME ZONE 'UTC' ELSE CAST(s AS timestamp) END END";
    case ScalarKind::kTime:
      return "CASE WHEN " + Matches("^\\s*" + std::string(kClock) + "\\s*$") + " THEN CAST(s AS time) END";
    case ScalarKind::kInterval: return "CASE WHEN " + Matches(kInterval) + " THEN CAST(s AS interval) END";
    default: return "s";
  }
}

std::string AsJson(const std::string& sql) { return "CAST(" + sql + " AS jsonb)"; }

std::string At(const std::string& json, const std::vector<std::string_view>& path) {
  std::string sql = AsJson(json);
  for (const std::string_view key : path) sql.append(" -> ").append(QuoteLiteral(key));
  return path.empty() ? sql : "(" + sql + ")";
}

// `path` is a text with dots, or a parameter that is one.
std::string Has(Statement& statement, const std::string& json, const BoundValue& path) {
  if (path.kind != BoundKind::kParameter) {
    return "coalesce(jsonb_typeof(" + At(json, SplitText(path.text, '.')) + "), 'null') <> 'null'";
  }
  return "coalesce(jsonb_typeof(" + AsJson(json) + " #> string_to_array(CAST(" + statement.Parameter(path) +
         " AS text), '.')), 'null') <> 'null'";
}

bool HasParameter(const BoundValue& value) {
  return value.kind == BoundKind::kParameter || std::ranges::any_of(value.items, HasParameter) ||
         std::ranges::any_of(value.fields, [](const BoundMember& member) { return HasParameter(member.value); });
}

// A document as an expression.
std::string Document(Statement& statement, const BoundValue& value) {
  if (!HasParameter(value)) return AsJson(QuoteLiteral(JsonTextOf(value)));
  if (value.kind == BoundKind::kParameter) return AsJson("CAST(" + statement.Parameter(value) + " AS text)");
  std::string parts;
  for (const BoundValue& item : value.items) {
    parts.append(parts.empty() ? "" : ", ").append(Document(statement, item));
  }
  for (const auto& [name, member] : value.fields) {
    parts.append(parts.empty() ? "" : ", ").append(QuoteLiteral(name)).append(", ").append(Document(statement, member));
  }
  return (value.kind == BoundKind::kList ? "jsonb_build_array(" : "jsonb_build_object(") + parts + ")";
}

}  // namespace

std::string ConvertedJson(const std::string& json, ScalarKind kind, JsonConversion conversion) {
  if (kind == ScalarKind::kJson || kind == ScalarKind::kStruct) return json;
  const std::string value = Conversion(kind, conversion);
  if (value == "s") return "(" + json + " #>> '{}')";
  return "(SELECT " + value + " FROM (SELECT j, j #>> '{}' AS s FROM (SELECT " + json + " AS j) AS json) AS value)";
}

std::string PostgresDialect::JsonAt(const std::string& json, const std::vector<std::string_view>& path, ScalarKind kind,
                                    bool is_list) const {
  std::string value = At(json, path);
  if (kind == ScalarKind::kStruct || kind == ScalarKind::kJson) return value;
  if (!is_list) return ConvertedJson(value, kind, JsonConversion::kText);
  const std::string element = ConvertedJson("e", kind, JsonConversion::kText);
  return "CASE WHEN jsonb_typeof(" + value + ") = 'array' THEN ARRAY(SELECT " + element +
         " FROM jsonb_array_elements(" + value + ") WITH ORDINALITY AS elements(e, i) ORDER BY i) END";
}

std::string PostgresDialect::UnnestList(const std::string& list, bool is_json) const {
  if (is_json) {
    return "SELECT e AS v, i AS o FROM jsonb_array_elements(" + AsJson(list) + ") WITH ORDINALITY AS elements(e, i)";
  }
  return "SELECT l[i] AS v, i AS o FROM (SELECT " + list + " AS l) AS lists, generate_subscripts(l, 1) AS i";
}

std::string PostgresDialect::JsonOrNull(const std::string& json) const {
  return "nullif(" + AsJson(json) + ", CAST('null' AS jsonb))";
}

std::string PostgresDialect::JsonLiteral(const std::string& text) const { return AsJson(QuoteLiteral(text)); }

std::string PostgresDialect::JsonCondition(Statement& statement, const Value& json, std::string_view op,
                                           const BoundValue& operand) const {
  if (op == "contains") return AsJson(json.sql) + " @> " + Document(statement, operand);
  if (op == "eq") return AsJson(json.sql) + " = " + Document(statement, operand);
  if (op == "has") return Has(statement, json.sql, operand);
  if (op == "has_all") {
    std::string all;
    if (operand.kind != BoundKind::kList) all = Has(statement, json.sql, operand);
    for (const BoundValue& item : operand.items) {
      if (!item.IsNull()) all.append(all.empty() ? "" : " AND ").append(Has(statement, json.sql, item));
    }
    return all.empty() ? all : "(" + all + ")";
  }
  statement.Fail(operand.position, "filter operator \"" + std::string(op) + "\" is not supported on JSON");
  return {};
}

namespace {

// One value of a template; `json` is a jsonb expression.
std::string TemplateValue(Statement& statement, const BoundValue& shape, const std::string& json) {
  if (shape.kind == BoundKind::kObject) {
    std::vector<std::string> members;
    for (const auto& [name, value] : shape.fields) {
      members.push_back(TemplateValue(statement, value, "(" + json + " -> " + QuoteLiteral(name) + ")"));
    }
    return "CASE WHEN jsonb_typeof(" + json + ") <> 'null' THEN " + statement.dialect().PackRow(members) + " END";
  }
  if (shape.kind == BoundKind::kList && shape.items.size() == 1) {
    const BoundValue& item = shape.items[0];
    if (item.kind == BoundKind::kList) {
      statement.Fail(item.position, "lists of lists in a \"struct\" template need @no_pushdown on this source");
      return {};
    }
    const std::string element = statement.Name("e");
    const std::string value = TemplateValue(statement, item, element);
    const TemplateWord* word = FindTemplateWord(item);
    const std::string type = word == nullptr ? "record" : std::string(statement.dialect().TypeOf(word->kind));
    return "CASE WHEN jsonb_typeof(" + json + ") = 'array' THEN coalesce((SELECT array_agg(" + value +
           " ORDER BY i) FROM jsonb_array_elements(" + json + ") WITH ORDINALITY AS elements(" + element +
           ", i)), CAST(ARRAY[] AS " + type + "[])) END";
  }
  const TemplateWord* word = FindTemplateWord(shape);
  if (word == nullptr) {
    FailTemplate(statement, shape);
    return {};
  }
  if (word->kind == ScalarKind::kJson) return statement.dialect().JsonOrNull(json);
  return ConvertedJson(json, word->kind, JsonConversion::kTyped);
}

}  // namespace

std::string PostgresDialect::JsonTemplate(Statement& statement, const BoundValue& shape,
                                          const std::string& json) const {
  return TemplateValue(statement, shape, AsJson(json));
}

std::string PostgresDialect::JsonTemplateLeaf(Statement& statement, const BoundValue& shape, const std::string& json,
                                              const std::vector<std::string_view>& path) const {
  const BoundValue* leaf = &shape;
  for (const std::string_view name : path) leaf = leaf == nullptr ? nullptr : leaf->Find(name);
  return leaf == nullptr ? std::string() : TemplateValue(statement, *leaf, At(json, path));
}

}  // namespace eider::planner
