#include "planner/dialect/postgres.h"

#include "base/text.h"
#include "planner/dialect/postgres_type.h"
#include "planner/outputs.h"
#include "planner/statement.h"

namespace eider::planner {

using catalog::ScalarKind;

const Dialect& Postgres() {
  static const PostgresDialect kDialect;
  return kDialect;
}

namespace {

std::string CastTo(const std::string& sql, std::string_view type) {
  return "CAST(" + sql + " AS " + std::string(type) + ")";
}

bool IsTextKind(ScalarKind kind) {
  return kind == ScalarKind::kString || kind == ScalarKind::kId || kind == ScalarKind::kEnum;
}

// Whether a value that the schema calls text is of a type that the database defines, such as an enum.
bool IsForeignText(const Value& value) {
  return IsTextKind(value.kind) && !value.sql_type.empty() && !IsBuiltInType(ElementType(value.sql_type));
}

// Whether instants are stored in a type without a zone: they are in UTC then.
bool IsZonelessInstant(const Value& value) {
  return value.kind == ScalarKind::kTimestamp && WithoutModifier(value.sql_type) == "timestamp without time zone";
}

// The value as the server writes it: a cast gives an address a mask that nobody wrote.
std::string OutputText(const Value& value) {
  return value.sql_type == "inet" ? "textin(inet_out(" + value.sql + "))" : CastTo(value.sql, "text");
}

}  // namespace

std::string_view PostgresDialect::TypeOf(ScalarKind kind) const {
  switch (kind) {
    case ScalarKind::kInt: return "integer";
    case ScalarKind::kBigInt: return "bigint";
    case ScalarKind::kFloat: return "double precision";
    case ScalarKind::kBoolean: return "boolean";
    case ScalarKind::kDate: return "date";
    case ScalarKind::kTime: return "time";
    case ScalarKind::kTimestamp: return "timestamp with time zone";
    case ScalarKind::kDateTime: return "timestamp";
    case ScalarKind::kInterval: return "interval";
    case ScalarKind::kStruct:
    case ScalarKind::kJson: return "jsonb";
    case ScalarKind::kIntRange: return "int4range";
    case ScalarKind::kBigIntRange: return "int8range";
    case ScalarKind::kTimestampRange: return "tstzrange";
    default: return "text";
  }
}

std::string PostgresDialect::OperandType(const Value& value) const {
  const std::string own = WithoutModifier(ElementType(value.sql_type));
  if (value.is_list) return own.empty() ? std::string(TypeOf(value.kind)) : own;
  // A wider operand can be compared, and uses an index all the same.
  if (value.kind == ScalarKind::kInt || value.kind == ScalarKind::kBigInt) return own == "numeric" ? own : "bigint";
  if (IsForeignText(value) || own == "name" || own == "character varying") return "text";
  if (IsZonelessInstant(value) || own == "real") return std::string(TypeOf(value.kind));
  return own.empty() ? std::string(TypeOf(value.kind)) : own;
}

std::string DecodedList(const std::string& texts) {
  return "(SELECT coalesce(array_agg(decode(t, 'base64') ORDER BY n), '{}') FROM unnest(" + texts +
         ") WITH ORDINALITY AS u(t, n))";
}

std::string PostgresDialect::Parameter(Statement& statement, const BoundValue& value, const Value& peer) const {
  const std::string type = OperandType(peer) + (value.is_list ? "[]" : "");
  if (type == "bytea") return "decode(" + CastTo(statement.Parameter(value, "text"), "text") + ", 'base64')";
  if (type == "bytea[]") return DecodedList(CastTo(statement.Parameter(value, "text[]"), "text[]"));
  std::string sql = CastTo(statement.Parameter(value, type), type);
  return IsZonelessInstant(peer) && !value.is_list ? "(" + sql + " AT TIME ZONE 'UTC')" : sql;
}

std::string PostgresDialect::TextOf(const Value& value) const {
  return IsTextType(value.sql_type) ? value.sql : OutputText(value);
}

std::string PostgresDialect::Compared(const Value& value) const {
  return IsForeignText(value) ? OutputText(value) : value.sql;
}

std::string PostgresDialect::Shown(const Value& value) const {
  const std::string_view suffix = value.is_list ? "text[]" : "text";
  switch (value.kind) {
    case ScalarKind::kString:
    case ScalarKind::kId:
    case ScalarKind::kEnum: {
      const std::string_view type = ElementType(value.sql_type);
      if (type == "bytea" || IsTextType(type)) return value.sql;
      return value.is_list ? CastTo(value.sql, suffix) : OutputText(value);
    }
    case ScalarKind::kIntRange:
    case ScalarKind::kBigIntRange:
    case ScalarKind::kTimestampRange: return CastTo(value.sql, suffix);
    case ScalarKind::kGeometry:
      return value.is_list ? value.sql : geometry().Shown(value.is_native ? value.sql : geometry().Native(value));
    // The text of an array differs from that of a vector by its braces alone.
    case ScalarKind::kVector: return "translate(" + CastTo(value.sql, "text") + ", '{}', '[]')";
    default: return value.sql;
  }
}

std::string PostgresDialect::GroupKey(const Value& value) const {
  return value.kind == ScalarKind::kJson ? CastTo(value.sql, "jsonb") : Shown(value);
}

std::string PostgresDialect::IsPresent(const Value& value) const {
  if (value.storage == catalog::StructStorage::kJson) {
    return "coalesce(jsonb_typeof(" + CastTo(value.sql, "jsonb") + "), 'null') <> 'null'";
  }
  // IS NOT NULL asks a row whether none of its members is null.
  const bool is_row = value.kind == ScalarKind::kStruct && value.storage == catalog::StructStorage::kStruct;
  return value.sql + (is_row ? " IS DISTINCT FROM NULL" : " IS NOT NULL");
}

std::string PostgresDialect::TableName(const catalog::DataObject& object) const {
  const std::string prefix = QuoteIdentifier(object.source->catalog) + ".";
  return object.relation_sql.starts_with(prefix) ? object.relation_sql.substr(prefix.size()) : object.relation_sql;
}

std::string PostgresDialect::CatalogName(const catalog::Source& source, bool qualifies) const {
  return qualifies ? std::string() : QuoteLiteral(source.catalog);
}

std::string PostgresDialect::Subquery(Statement& statement, const std::string& sql) const {
  return "(" + sql + ") " + statement.Name("d");
}

std::string PostgresDialect::Arrange(Statement& statement, const std::string& columns, const std::string& rest,
                                     const Arrangement& arrangement) const {
  std::string sql = "SELECT " + columns + " FROM " + rest;
  const std::string order = OrderClause(statement, arrangement.order);
  if (arrangement.distinct.empty() && order.empty()) return sql + arrangement.limit;
  // Sort keys may be expressions over the names, which only an outer query sees.
  std::string from = Subquery(statement, sql);
  if (!arrangement.distinct.empty()) {
    const std::string names = NameList(arrangement.distinct);
    sql = "SELECT DISTINCT ON (" + names + ") * FROM " + from + " ORDER BY " + names;
    if (!order.empty()) sql.append(", ").append(SortText(statement, arrangement.order));
    from = Subquery(statement, sql);
  }
  return "SELECT * FROM " + from + order + arrangement.limit;
}

std::string PostgresDialect::KeepNumbered(Statement& statement, const std::string& sql, const std::string& number,
                                          std::int64_t low, std::int64_t high) const {
  const std::string name = statement.Name("n");
  const std::string numbered = "SELECT *, " + number + " AS " + name + " FROM " + Subquery(statement, sql);
  std::string condition;
  if (low > 0) condition = name + " > " + std::to_string(low);
  if (high >= 0) condition.append(condition.empty() ? "" : " AND ").append(name + " <= " + std::to_string(high));
  return "SELECT * FROM " + Subquery(statement, numbered) + (condition.empty() ? "" : " WHERE " + condition);
}

std::string PostgresDialect::SortKeySql(const SortKey& key) const {
  const Value& value = key.value;
  std::string sql = key.sql;
  if (IsTextKind(value.kind) && !value.is_list) {
    if (value.sql_type.empty()) sql = CastTo(sql, "text");
    if (value.sql_type.empty() || IsTextType(value.sql_type)) sql.append(" COLLATE \"C\"");
  }
  if (!key.descending) return sql;  // NULLs are last by themselves.
  // An index is read backwards only for the order that it has, which puts NULLs first.
  return sql + (value.non_null ? " DESC" : " DESC NULLS LAST");
}

std::string PostgresDialect::UnnestKeys(const std::vector<std::string>& lists) const {
  std::vector<std::string> names;
  for (std::size_t k = 0; k < lists.size(); ++k) names.push_back("k" + std::to_string(k));
  const std::string columns = NameList(names);
  return "SELECT n - 1 AS i, " + columns + " FROM unnest(" + NameList(lists) + ") WITH ORDINALITY AS u(" + columns +
         ", n)";
}

// An empty escape leaves the backslash an ordinary character.
std::string PostgresDialect::Like(const std::string& text, const std::string& pattern) const {
  return text + " LIKE " + pattern + " ESCAPE ''";
}
std::string PostgresDialect::ILike(const std::string& text, const std::string& pattern) const {
  return text + " ILIKE " + pattern + " ESCAPE ''";
}
std::string PostgresDialect::Regex(const std::string& text, const std::string& pattern) const {
  return text + " ~ " + pattern;
}

std::string PostgresDialect::ListOf(const std::string& items) const { return "ARRAY[" + items + "]"; }

std::string PostgresDialect::HasAll(const std::string& list, const std::string& wanted) const {
  return list + " @> " + wanted;
}
std::string PostgresDialect::HasAny(const std::string& list, const std::string& wanted) const {
  return list + " && " + wanted;
}

std::string PostgresDialect::InParameter(Statement& statement, const Value& value, const BoundValue& list) const {
  const std::string type = OperandType(value) + "[]";
  if (type == "bytea[]") {
    const std::string texts = CastTo(statement.Parameter(list, "text[]"), "text[]");
    return Compared(value) + " IN (SELECT decode(t, 'base64') FROM unnest(" + texts + ") t)";
  }
  return Compared(value) + " = ANY(" + CastTo(statement.Parameter(list, type), type) + ")";
}

}  // namespace eider::planner
