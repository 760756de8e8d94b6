#include "planner/dialect/duckdb.h"

#include "base/text.h"
#include "planner/json_filter.h"
#include "planner/json_template.h"
#include "planner/outputs.h"
#include "planner/range_filter.h"
#include "planner/statement.h"

namespace eider::planner {

using catalog::ScalarKind;
using catalog::StructStorage;

const Dialect& DuckDb() {
  static const DuckDbDialect kDialect;
  return kDialect;
}

namespace {

// The elements of a list of structures, whichever way it is stored.
std::string Elements(const Value& list) {
  return list.storage == StructStorage::kJson ? "CAST(" + list.sql + " AS JSON[])" : list.sql;
}

// The type as this engine knows it: types of another server go by kind.
std::string_view OwnType(const Value& value) {
  if (!value.of_postgres) return value.sql_type;
  if (value.sql_type == "bytea") return "BLOB";
  if (value.sql_type == "bytea[]") return "BLOB[]";
  if (value.sql_type == "uuid") return "UUID";
  return value.sql_type == "uuid[]" ? "UUID[]" : "";
}

// An address of a PostgreSQL server without the mask that stands for all of it.
bool IsAddress(const Value& value) { return value.of_postgres && value.sql_type == "inet"; }

std::string AddressText(const std::string& sql) {
  return "regexp_replace(CAST(" + sql + R"( AS VARCHAR), '^([0-9.]+)/32$|^(.*:.*)/128$', '\1\2'))";
}

// Whether the value is a member of a structure. Such a one may be reached inside a lambda, which takes no subqueries.
bool IsMember(const Value& value) {
  return value.sql.starts_with("struct_extract(") || value.sql.starts_with("TRY_CAST(json_extract_string(");
}

bool IsInteger(std::string_view type) { return type == "BIGINT" || type == "UBIGINT" || type == "bigint"; }

std::string PathLiteral(const std::vector<std::string_view>& path) {
  std::string text = "$";
  for (const std::string_view part : path) text.append(".\"").append(part).append("\"");
  return QuoteLiteral(text);
}

}  // namespace

std::string_view DuckDbDialect::TypeOf(ScalarKind kind) const {
  switch (kind) {
    case ScalarKind::kInt: return "INTEGER";
    case ScalarKind::kBigInt: return "BIGINT";
    case ScalarKind::kFloat: return "DOUBLE";
    case ScalarKind::kBoolean: return "BOOLEAN";
    case ScalarKind::kDate: return "DATE";
    case ScalarKind::kTime: return "TIME";
    case ScalarKind::kTimestamp: return "TIMESTAMP WITH TIME ZONE";
    case ScalarKind::kDateTime: return "TIMESTAMP";
    case ScalarKind::kInterval: return "INTERVAL";
    case ScalarKind::kJson: return "JSON";
    default: return "VARCHAR";
  }
}

std::string DuckDbDialect::OperandType(const Value& value) const {
  std::string_view own = OwnType(value);
  if (value.is_list) {
    if (!own.ends_with("[]")) return std::string(TypeOf(value.kind));
    own.remove_suffix(2);
    return std::string(own);
  }
  // An enum is compared as text, so that an unknown word matches nothing instead of failing.
  const bool usable = !own.empty() && !own.starts_with("ENUM") && value.kind != ScalarKind::kFloat;
  return std::string(usable ? own : TypeOf(value.kind));
}

std::string DuckDbDialect::Parameter(Statement& statement, const BoundValue& value, const Value& peer) const {
  std::string name = statement.Parameter(value);
  if (peer.kind == ScalarKind::kH3Cell && IsInteger(peer.sql_type)) return "CAST('0x' || " + name + " AS BIGINT)";
  // A decimal column would round the operand to its own scale, so both are compared as doubles.
  if (peer.kind == ScalarKind::kFloat && !peer.is_list) return "CAST(" + name + " AS DOUBLE)";
  if (peer.kind == ScalarKind::kStruct || peer.storage == StructStorage::kJson) {
    return "CAST(" + name + " AS " + std::string(TypeOf(peer.kind)) + (value.is_list ? "[])" : ")");
  }
  // An element among others would be taken as text, and its base64 as the bytes themselves.
  if (peer.is_list && !value.is_list && OperandType(peer) == "BLOB") return "CAST(" + name + " AS BLOB)";
  return name;
}

std::string DuckDbDialect::TextOf(const Value& value) const {
  if (IsAddress(value)) return AddressText(value.sql);
  return OwnType(value) == "VARCHAR" ? value.sql : "CAST(" + value.sql + " AS VARCHAR)";
}

std::string DuckDbDialect::Compared(const Value& value) const {
  return IsAddress(value) ? AddressText(value.sql) : value.sql;
}

std::string DuckDbDialect::IsPresent(const Value& value) const {
  if (value.storage != StructStorage::kJson) return Dialect::IsPresent(value);
  return "coalesce(json_type(" + value.sql + "), 'NULL') <> 'NULL'";
}

std::string DuckDbDialect::Shown(const Value& value) const {
  if (value.kind == ScalarKind::kGeometry && !value.is_native && !value.is_list) return geometry().Native(value);
  if (value.kind == ScalarKind::kH3Cell && IsInteger(value.sql_type)) return "format('{:x}', " + value.sql + ")";
  if (IsAddress(value)) return AddressText(value.sql);
  if (value.kind != ScalarKind::kVector) return value.sql;
  const std::string text = "replace(CAST(" + value.sql + " AS VARCHAR), ', ', ',')";
  return "regexp_replace(" + text + R"(, '\.0([,\]])', '\1', 'g'))";
}

std::string DuckDbDialect::TableName(const catalog::DataObject& object) const { return object.relation_sql; }

std::string DuckDbDialect::CatalogName(const catalog::Source& source, bool qualifies) const {
  return qualifies ? QuoteIdentifier(source.catalog) : QuoteLiteral(source.catalog);
}

std::string DuckDbDialect::UnnestList(const std::string& list, bool is_json) const {
  const std::string items = is_json ? "CAST(" + list + " AS JSON[])" : list;
  return "SELECT unnest(l) AS v, generate_subscripts(l, 1) AS o FROM (SELECT " + items + " AS l)";
}

std::string DuckDbDialect::Subquery(Statement& /*statement*/, const std::string& sql) const { return "(" + sql + ")"; }

std::string DuckDbDialect::Arrange(Statement& statement, const std::string& columns, const std::string& rest,
                                   const Arrangement& arrangement) const {
  std::string sql = "SELECT ";
  if (!arrangement.distinct.empty()) sql.append("DISTINCT ON (").append(NameList(arrangement.distinct)).append(") ");
  sql.append(columns).append(" FROM ").append(rest);
  if (!arrangement.order.empty()) sql.append(" ORDER BY ").append(SortText(statement, arrangement.order));
  return sql + arrangement.limit;
}

std::string DuckDbDialect::KeepNumbered(Statement& /*statement*/, const std::string& sql, const std::string& number,
                                        std::int64_t low, std::int64_t high) const {
  std::string condition;
  if (low > 0) condition = number + " > " + std::to_string(low);
  if (high >= 0) condition.append(condition.empty() ? "" : " AND ").append(number + " <= " + std::to_string(high));
  return "SELECT * FROM (" + sql + ") QUALIFY " + condition;
}

std::string DuckDbDialect::UnnestKeys(const std::vector<std::string>& lists) const {
  std::string sql = "SELECT unnest(range(len(" + lists[0] + "))) AS i";
  for (std::size_t k = 0; k < lists.size(); ++k) {
    sql.append(", unnest(").append(lists[k]).append(") AS k").append(std::to_string(k));
  }
  return sql;
}

std::string DuckDbDialect::Like(const std::string& text, const std::string& pattern) const {
  return text + " LIKE " + pattern;
}
std::string DuckDbDialect::ILike(const std::string& text, const std::string& pattern) const {
  return text + " ILIKE " + pattern;
}
std::string DuckDbDialect::Regex(const std::string& text, const std::string& pattern) const {
  return "regexp_matches(" + text + ", " + pattern + ")";
}

std::string DuckDbDialect::Truncate(std::string_view unit, const Value& value) const {
  const std::string call = "date_trunc(" + QuoteLiteral(unit) + ", ";
  if (value.kind == ScalarKind::kTimestamp && (unit == "hour" || unit == "minute")) {
    // Where a clock is set back, the engine takes the later of the two hours of one name, which may lie ahead.
    const std::string local = "CAST(" + value.sql + " AS TIMESTAMP)";
    return "CASE WHEN isfinite(" + value.sql + ") THEN " + value.sql + " - (" + local + " - " + call + local +
           ")) ELSE " + value.sql + " END";
  }
  const std::string sql = call + value.sql + ")";
  return value.kind == ScalarKind::kDate ? "CAST(" + sql + " AS DATE)" : sql;
}

std::string DuckDbDialect::TimeBucket(const std::string& width, const Value& value) const {
  return "time_bucket(CAST(" + QuoteLiteral(width) + " AS INTERVAL), " + value.sql + ")";
}

std::string DuckDbDialect::TimePart(std::string_view part, const Value& value) const {
  if (part == "iso_dow") part = "isodow";
  if (part == "iso_year") part = "isoyear";
  const std::string sql = "date_part(" + QuoteLiteral(part) + ", " + value.sql + ")";
  return part == "epoch" ? "CAST(floor(" + sql + ") AS BIGINT)" : sql;
}

std::string DuckDbDialect::Divide(const std::string& a, std::int64_t by) const {
  return "(" + a + " // " + std::to_string(by) + ")";
}

std::string DuckDbDialect::ListOf(const std::string& items) const { return "[" + items + "]"; }

std::string DuckDbDialect::HasAll(const std::string& list, const std::string& wanted) const {
  return "list_has_all(" + list + ", " + wanted + ")";
}
std::string DuckDbDialect::HasAny(const std::string& list, const std::string& wanted) const {
  return "list_has_any(" + list + ", " + wanted + ")";
}

namespace {

// A type for the numbers that a request can name where the column's own may be narrower; else nothing.
std::string_view WiderType(const Value& value) {
  const std::string_view own = OwnType(value);
  const bool is_small = own.ends_with("TINYINT") || own.ends_with("SMALLINT");
  if (value.kind == ScalarKind::kInt) return is_small ? "INTEGER" : "";
  if (value.kind != ScalarKind::kBigInt || own == "BIGINT" || own == "HUGEINT") return "";
  return own == "UBIGINT" ? "HUGEINT" : "BIGINT";
}

}  // namespace

std::string DuckDbDialect::InParameter(Statement& statement, const Value& value, const BoundValue& list) const {
  // What a PostgreSQL server calls text may be an enum here.
  const bool is_text = value.sql_type == "text" || value.sql_type == "bytea" || value.sql_type == "uuid";
  const bool is_foreign = value.of_postgres && value.kind == ScalarKind::kString && !is_text;
  const bool as_text = is_foreign || OwnType(value).starts_with("ENUM");
  const std::string sql = as_text ? TextOf(value) : value.sql;
  const std::string_view wider = WiderType(value);
  const std::string type = wider.empty() ? OperandType(value) : std::string(wider);
  const std::string wanted = "CAST(" + statement.Parameter(list) + " AS " + type + "[])";
  if (IsMember(value)) return "list_contains(" + wanted + ", " + sql + ")";
  return sql + " IN (SELECT unnest(" + wanted + "))";
}

std::string DuckDbDialect::CountElements(const Value& list, const std::string& variable,
                                         const std::string& condition) const {
  return "len(list_filter(" + Elements(list) + ", lambda " + variable + ": coalesce(" + condition + ", false)))";
}

std::string DuckDbDialect::Length(const Value& list) const { return "len(" + Elements(list) + ")"; }

std::string DuckDbDialect::Transform(const Value& list, const std::string& variable, const std::string& sql) const {
  return "list_transform(" + Elements(list) + ", lambda " + variable + ": " + sql + ")";
}

std::string DuckDbDialect::StructMember(const std::string& structure, std::string_view member) const {
  return "struct_extract(" + structure + ", " + QuoteLiteral(member) + ")";
}

std::string DuckDbDialect::JsonAt(const std::string& json, const std::vector<std::string_view>& path, ScalarKind kind,
                                  bool is_list) const {
  const std::string arguments = "(" + json + ", " + PathLiteral(path) + ")";
  if (kind == ScalarKind::kStruct || kind == ScalarKind::kJson) return "json_extract" + arguments;
  const std::string type(TypeOf(kind));
  if (is_list) return "TRY_CAST(json_extract" + arguments + " AS " + type + "[])";
  return "TRY_CAST(json_extract_string" + arguments + " AS " + type + ")";
}

std::string DuckDbDialect::JsonOrNull(const std::string& json) const {
  return "nullif(" + json + ", CAST('null' AS JSON))";
}

std::string DuckDbDialect::JsonLiteral(const std::string& text) const {
  return "CAST(" + QuoteLiteral(text) + " AS JSON)";
}

std::string DuckDbDialect::JsonCondition(Statement& statement, const Value& json, std::string_view op,
                                         const BoundValue& operand) const {
  return EngineJsonCondition(statement, json.sql, op, operand);
}

std::string DuckDbDialect::JsonTemplate(Statement& statement, const BoundValue& shape, const std::string& json) const {
  return "json_transform(" + json + ", " + QuoteLiteral(JsonStructureText(statement, shape)) + ")";
}

std::string DuckDbDialect::JsonTemplateLeaf(Statement& statement, const BoundValue& shape, const std::string& json,
                                            const std::vector<std::string_view>& path) const {
  std::string sql = JsonTemplate(statement, shape, json);
  for (const std::string_view name : path) sql = StructMember(sql, name);
  return sql;
}

std::string DuckDbDialect::RangeCondition(Statement& statement, const Value& range, std::string_view op,
                                          const BoundValue& operand) const {
  return RangeTextCondition(statement, range, op, operand);
}

std::string DuckDbDialect::PackRow(const std::vector<std::string>& members) const {
  std::string out = "struct_pack(";
  for (std::size_t i = 0; i < members.size(); ++i) {
    out.append(i == 0 ? "" : ", ").append("m").append(std::to_string(i)).append(" := ").append(members[i]);
  }
  if (members.empty()) out.append("m0 := true");
  return out + ")";
}

std::string DuckDbDialect::Gather(const std::string& value, const std::string& order) const {
  return "list(" + value + order + ")";
}

std::string DuckDbDialect::AnyPresent(const std::string& value) const { return "any_value(" + value + ")"; }

std::string DuckDbDialect::Aggregate(const AggregateTerm& term) const {
  const std::string distinct = term.distinct ? "DISTINCT " : "";
  const std::string suffix = term.condition.empty() ? "" : " FILTER (WHERE " + term.condition + ")";
  const std::string& sql = term.value.sql;
  if (term.function == "count") return "count(DISTINCT " + sql + ")" + suffix;
  if (term.function == "list") return "list(" + distinct + sql + term.order + ")" + suffix;
  if (term.function == "string_agg") {
    return "string_agg(" + distinct + sql + ", " + QuoteLiteral(term.separator) + term.order + ")" + suffix;
  }
  if (term.function == "avg" && term.value.of_postgres && term.value.sql_type == "numeric") {
    // As its server divides: the double nearest to the sum.
    const std::string sum = "CAST(CAST(sum(" + sql + ")" + suffix + " AS VARCHAR) AS DOUBLE)";
    return "(" + sum + " / nullif(count(" + sql + ")" + suffix + ", 0))";
  }
  if (term.function == "any") return "any_value(" + sql + term.order + ")" + suffix;
  if (term.function == "last") return "last(" + sql + term.order + ")" + suffix;
  return std::string(term.function) + "(" + sql + ")" + suffix;
}

std::string DuckDbDialect::Written(const catalog::Column& column, const std::string& sql, bool /*is_member*/) const {
  if (column.kind == ScalarKind::kGeometry) return geometry().Stored(column, geometry().FromHex(sql, {}));
  const bool is_number = column.kind == ScalarKind::kH3Cell && IsInteger(column.sql_type);
  return is_number ? "CAST('0x' || CAST(" + sql + " AS VARCHAR) AS " + column.sql_type + ")" : sql;
}

std::string DuckDbDialect::RowsFrom() const { return R"((SELECT unnest(from_json($1, '[["VARCHAR"]]')) AS u))"; }

std::string DuckDbDialect::RowCell(const catalog::Column& column, bool is_item, std::size_t index) const {
  std::string cell = "u[" + std::to_string(index + 1) + "]";
  std::string wanted = column.sql_type;
  if (wanted.empty()) wanted = std::string(TypeOf(column.kind)) + (column.is_list ? "[]" : "");
  if (column.is_list && !is_item && wanted == "BLOB[]") {
    return "list_transform(from_json(" + cell + R"(, '["VARCHAR"]'), lambda b: from_base64(b)))";
  }
  if (column.is_list && !is_item) return "CAST(from_json(" + cell + R"(, '["VARCHAR"]') AS )" + wanted + ")";
  if (column.is_list && wanted.ends_with("[]")) wanted.resize(wanted.size() - 2);
  // A geometry is written from its text.
  if (wanted == "VARCHAR" || column.kind == ScalarKind::kGeometry || column.kind == ScalarKind::kH3Cell) return cell;
  if (wanted == "BLOB") return "from_base64(" + cell + ")";
  return "CAST(" + cell + " AS " + wanted + ")";
}

std::string DuckDbDialect::PackMembers(const catalog::Column& column,
                                       const std::vector<std::pair<std::string, std::string>>& members) const {
  std::string out;
  for (const auto& [name, value] : members) {
    out.append(out.empty() ? "" : ", ").append(QuoteLiteral(name)).append(": ").append(value);
  }
  out = "{" + out + "}";
  std::string type = column.sql_type;
  if (column.is_list && type.ends_with("[]")) type.resize(type.size() - 2);
  return type.empty() ? out : "CAST(" + out + " AS " + type + ")";
}

std::string DuckDbDialect::NextValue(const catalog::DataObject& object, const std::string& sequence) const {
  const bool qualified = sequence.find('.') != std::string::npos;
  const std::string schema = QuoteIdentifier(object.source->default_schema) + ".";
  const std::string name = qualified ? sequence : schema + QuoteIdentifier(sequence);
  return "nextval(" + QuoteLiteral(QuoteIdentifier(object.source->catalog) + "." + name) + ")";
}

}  // namespace eider::planner
