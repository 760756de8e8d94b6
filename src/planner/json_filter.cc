#include "planner/json_filter.h"

#include "base/text.h"
#include "planner/filter.h"

namespace eider::planner {
namespace {

bool LooksLikeNumber(std::string_view text) {
  return !text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'));
}

// A parameter, which is JSON text or the path of a member.
std::string Given(Statement& statement, const BoundValue& needle) {
  return "CAST(" + statement.Parameter(needle) + " AS VARCHAR)";
}

// Whether `json` is the same scalar as the JSON text `given`, which stands in the statement as an expression.
std::string IsScalar(const std::string& json, const std::string& given) {
  const std::string same_text = "json_extract_string(" + json + ", '$') = json_extract_string(" + given + ", '$')";
  const std::string same_number = "TRY_CAST(" + json + " AS DOUBLE) = TRY_CAST(" + given +
                                  " AS DOUBLE) AND coalesce(TRY_CAST(" + json + " AS HUGEINT) = TRY_CAST(" + given +
                                  " AS HUGEINT), true)";
  return "coalesce(CASE WHEN json_type(" + given + ") IN ('VARCHAR', 'BOOLEAN') THEN json_type(" + json +
         ") = json_type(" + given + ") AND " + same_text + " ELSE json_type(" + json +
         ") IN ('BIGINT', 'UBIGINT', 'DOUBLE') AND " + same_number + " END, false)";
}

// A condition that is unknown only where there is no document; what a document lacks is just not so.
std::string OfDocument(const std::string& json, const std::string& condition) {
  return "CASE WHEN " + json + " IS NOT NULL THEN coalesce(" + condition + ", false) END";
}

// Whether `json` contains the given scalar, or all scalars of the given list.
std::string ContainsGiven(Statement& statement, const std::string& json, const BoundValue& needle) {
  const std::string given = Given(statement, needle);
  const std::string element = statement.Name("e");
  const std::string item = statement.Name("e");
  const std::string elements = "TRY_CAST(" + json + " AS JSON[])";
  const std::string has_scalar =
      "len(list_filter(" + elements + ", lambda " + element + ": " + IsScalar(element, given) + ")) > 0";
  // The items that no element is.
  const std::string left = "len(list_filter(TRY_CAST(" + given + " AS JSON[]), lambda " + item + ": len(list_filter(" +
                           elements + ", lambda " + element + ": " + IsScalar(element, item) + ")) = 0)) = 0";
  return "CASE WHEN json_type(" + given + ") = 'ARRAY' THEN json_type(" + json + ") = 'ARRAY' AND " + left +
         " WHEN json_type(" + json + ") = 'ARRAY' THEN " + has_scalar + " ELSE " + IsScalar(json, given) + " END";
}

// Containment as PostgreSQL's @>: every member of the needle is found at the same place.
std::string Contains(Statement& statement, const std::string& json, const BoundValue& needle, bool at_root) {
  std::vector<std::string> parts;
  if (needle.kind == BoundKind::kObject) {
    parts.push_back("json_type(" + json + ") = 'OBJECT'");
    for (const auto& [name, value] : needle.fields) {
      const std::string member = "json_extract(" + json + ", " + QuoteLiteral("$.\"" + name + "\"") + ")";
      parts.push_back(Contains(statement, member, value, false));
    }
    return JoinConditions(parts, "AND");
  }
  auto any_element = [&](const BoundValue& item) {
    const std::string variable = statement.Name("e");
    return "len(list_filter(TRY_CAST(" + json + " AS JSON[]), lambda " + variable + ": coalesce(" +
           Contains(statement, variable, item, false) + ", false))) > 0";
  };
  if (needle.kind == BoundKind::kList) {
    parts.push_back("json_type(" + json + ") = 'ARRAY'");
    for (const BoundValue& item : needle.items) parts.push_back(any_element(item));
    return JoinConditions(parts, "AND");
  }
  if (needle.IsNull()) return "json_type(" + json + ") = 'NULL'";
  if (needle.kind == BoundKind::kParameter) {
    return at_root ? ContainsGiven(statement, json, needle) : IsScalar(json, Given(statement, needle));
  }
  std::string scalar;
  if (needle.text == "true" || needle.text == "false") {
    scalar = "(json_type(" + json + ") = 'BOOLEAN' AND json_extract_string(" + json + ", '$') = '" + needle.text + "')";
  } else if (LooksLikeNumber(needle.text)) {
    scalar = "(json_type(" + json + ") IN ('BIGINT', 'UBIGINT', 'DOUBLE') AND TRY_CAST(" + json +
             " AS DOUBLE) = " + needle.text + ")";
  } else {
    scalar = "(json_type(" + json + ") = 'VARCHAR' AND json_extract_string(" + json +
             ", '$') = " + QuoteLiteral(needle.text.substr(1)) + ")";
  }
  if (!at_root) return scalar;
  return "CASE WHEN json_type(" + json + ") = 'ARRAY' THEN " + any_element(needle) + " ELSE " + scalar + " END";
}

// Equality of documents: members in any order, elements in theirs.
std::string Equals(Statement& statement, const std::string& json, const BoundValue& needle) {
  std::vector<std::string> parts;
  if (needle.kind == BoundKind::kObject) {
    parts.push_back("json_type(" + json + ") = 'OBJECT'");
    parts.push_back("len(json_keys(" + json + ")) = " + std::to_string(needle.fields.size()));
    for (const auto& [name, value] : needle.fields) {
      parts.push_back(
          Equals(statement, "json_extract(" + json + ", " + QuoteLiteral("$.\"" + name + "\"") + ")", value));
    }
    return JoinConditions(parts, "AND");
  }
  if (needle.kind == BoundKind::kList) {
    parts.push_back("json_type(" + json + ") = 'ARRAY'");
    parts.push_back("json_array_length(" + json + ") = " + std::to_string(needle.items.size()));
    for (std::size_t i = 0; i < needle.items.size(); ++i) {
      parts.push_back(Equals(statement, "json_extract(" + json + ", '$[" + std::to_string(i) + "]')", needle.items[i]));
    }
    return JoinConditions(parts, "AND");
  }
  return Contains(statement, json, needle, false);
}

std::string JsonPathLiteral(std::string_view dotted) {
  std::string path = "$";
  for (const std::string_view part : SplitText(dotted, '.')) path.append(".\"").append(part).append("\"");
  return QuoteLiteral(path);
}

// `path` is a text with dots, or a parameter that is one.
std::string Has(Statement& statement, const std::string& json, const BoundValue& path) {
  std::string at;
  if (path.kind == BoundKind::kParameter) {
    at = "('/' || replace(replace(replace(" + Given(statement, path) + ", '~', '~0'), '/', '~1'), '.', '/'))";
  } else {
    at = JsonPathLiteral(path.text);
  }
  return "coalesce(json_type(json_extract(" + json + ", " + at + ")), 'NULL') <> 'NULL'";
}

}  // namespace

std::string JsonTextOf(const BoundValue& value) {
  std::string out;
  switch (value.kind) {
    case BoundKind::kObject:
      for (const auto& [name, member] : value.fields) {
        out.append(out.empty() ? "" : ",");
        AppendJsonString(out, name);
        out.append(":").append(JsonTextOf(member));
      }
      return "{" + out + "}";
    case BoundKind::kList:
      for (const BoundValue& item : value.items) out.append(out.empty() ? "" : ",").append(JsonTextOf(item));
      return "[" + out + "]";
    case BoundKind::kText:
      if (value.text == "true" || value.text == "false" || LooksLikeNumber(value.text)) return value.text;
      AppendJsonString(out, std::string_view(value.text).substr(1));
      return out;
    case BoundKind::kNull:
    case BoundKind::kParameter: return "null";
  }
  return "null";
}

std::string EngineJsonCondition(Statement& statement, const std::string& json, std::string_view op,
                                const BoundValue& operand) {
  if (op == "contains") return OfDocument(json, Contains(statement, json, operand, true));
  if (op == "eq") return OfDocument(json, Equals(statement, json, operand));
  if (op == "has") return Has(statement, json, operand);
  if (op == "has_all") {
    std::vector<std::string> parts;
    if (operand.kind != BoundKind::kList) parts.push_back(Has(statement, json, operand));
    for (const BoundValue& item : operand.items) {
      if (!item.IsNull()) parts.push_back(Has(statement, json, item));
    }
    return JoinConditions(parts, "AND");
  }
  statement.Fail(operand.position, "filter operator \"" + std::string(op) + "\" is not supported on JSON");
  return {};
}

}  // namespace eider::planner
