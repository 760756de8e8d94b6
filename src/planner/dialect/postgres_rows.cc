#include "base/text.h"
#include "planner/dialect/postgres.h"
#include "planner/dialect/postgres_type.h"
#include "planner/outputs.h"

// Rows as values, lists of structures, aggregates, written values.
namespace eider::planner {

using catalog::Column;
using catalog::ScalarKind;
using catalog::StructStorage;

namespace {

std::string CastTo(const std::string& sql, std::string_view type) {
  return "CAST(" + sql + " AS " + std::string(type) + ")";
}

// The elements of a list of structures as rows (variable, i).
std::string Elements(const Value& list, const std::string& variable) {
  if (list.storage == StructStorage::kJson) {
    return "jsonb_array_elements(" + CastTo(list.sql, "jsonb") + ") WITH ORDINALITY AS elements(" + variable + ", i)";
  }
  return "(SELECT (" + list.sql + ")[i] AS " + variable + ", i FROM generate_subscripts(" + list.sql +
         ", 1) AS i) AS elements";
}

// `sql` where the value is a list, else NULL.
std::string WhenList(const Value& list, const std::string& sql) {
  const std::string condition = list.storage == StructStorage::kJson
                                    ? "jsonb_typeof(" + CastTo(list.sql, "jsonb") + ") = 'array'"
                                    : list.sql + " IS NOT NULL";
  return "CASE WHEN " + condition + " THEN " + sql + " END";
}

}  // namespace

std::string PostgresDialect::CountElements(const Value& list, const std::string& variable,
                                           const std::string& condition) const {
  return WhenList(list, "(SELECT count(*) FROM " + Elements(list, variable) + " WHERE " + condition + ")");
}

std::string PostgresDialect::Length(const Value& list) const {
  const bool is_json = list.storage == StructStorage::kJson;
  return WhenList(list,
                  is_json ? "jsonb_array_length(" + CastTo(list.sql, "jsonb") + ")" : "cardinality(" + list.sql + ")");
}

std::string PostgresDialect::Transform(const Value& list, const std::string& variable, const std::string& sql) const {
  return WhenList(list, "coalesce((SELECT array_agg(" + sql + " ORDER BY i) FROM " + Elements(list, variable) +
                            "), CAST(ARRAY[] AS record[]))");
}

std::string PostgresDialect::StructMember(const std::string& structure, std::string_view member) const {
  return "(" + structure + ")." + QuoteIdentifier(member);
}

std::string PostgresDialect::PackRow(const std::vector<std::string>& members) const {
  return "ROW(" + (members.empty() ? "true" : NameList(members)) + ")";
}

std::string PostgresDialect::Gather(const std::string& value, const std::string& order) const {
  return "array_agg(" + value + order + ")";
}

std::string PostgresDialect::AnyPresent(const std::string& value) const { return "nullif(count(" + value + "), 0)"; }

namespace {

std::string Filter(const std::string& condition) {
  return condition.empty() ? "" : " FILTER (WHERE " + condition + ")";
}

// What is summed: the sum of a narrow float would be narrow. A value of a type that is not known is summed in its own.
std::string Summand(const Value& value) {
  return ElementType(value.sql_type) == "real" ? CastTo(value.sql, "double precision") : value.sql;
}

// The same double as the embedded engine, which divides an exact sum in units of the last digit, with more digits than
// a double where it has more.
std::string Average(const Value& value, const std::string& filter) {
  const auto size = NumericSizeOf(value.sql_type);
  const int scale = size ? size->scale : -1;
  const std::string sum = "sum(" + Summand(value) + ")" + filter;
  const std::string count = "nullif(count(" + value.sql + ")" + filter + ", 0)";
  if (value.kind == ScalarKind::kFloat && scale < 0) return "(" + CastTo(sum, "double precision") + " / " + count + ")";
  const std::string unit = "1" + std::string(scale > 0 ? static_cast<std::size_t>(scale) : 0, '0');
  const std::string units = scale > 0 ? sum + " * " + unit : sum;
  const std::string parts = scale > 0 ? "(" + count + " * CAST(" + unit + " AS numeric))" : count;
  return "(CASE WHEN abs(" + units + ") < 9007199254740992 THEN " + CastTo(units, "double precision") + " / " +
         CastTo(parts, "double precision") + " ELSE " +
         CastTo(units + " * 1.00000000000000000000 / " + parts, "double precision") + " END)";
}

}  // namespace

std::string PostgresDialect::Aggregate(const AggregateTerm& term) const {
  const std::string filter = Filter(term.condition);
  const std::string& sql = term.value.sql;
  if (term.function == "count") return "count(DISTINCT " + GroupKey(term.value) + ")" + filter;
  if (term.function == "avg") return Average(term.value, filter);
  if (term.function == "sum") return "sum(" + Summand(term.value) + ")" + filter;
  // The order of distinct values is their own.
  const std::string order = term.distinct ? "" : term.order;
  const std::string distinct = term.distinct ? "DISTINCT " : "";
  const std::string shown = term.distinct ? GroupKey(term.value) : Shown(term.value);
  if (term.function == "list") return "array_agg(" + distinct + shown + order + ")" + filter;
  if (term.function == "string_agg") {
    return "string_agg(" + distinct + TextOf(term.value) + ", " + QuoteLiteral(term.separator) + order + ")" + filter;
  }
  if (term.function == "any") {
    const std::string present = sql + " IS NOT NULL" + (term.condition.empty() ? "" : " AND " + term.condition);
    return "(array_agg(" + shown + term.order + ")" + Filter(present) + ")[1]";
  }
  if (term.function == "last") return "(array_agg(" + shown + term.order + ")" + filter + ")[count(*)" + filter + "]";
  return std::string(term.function) + "(" + sql + ")" + filter;
}

std::string PostgresDialect::Written(const Column& column, const std::string& sql, bool is_member) const {
  if (column.kind == ScalarKind::kGeometry)
    return geometry().Stored(column, geometry().FromHex(sql, std::to_string(column.srid)));
  if (is_member && ElementType(column.sql_type) == "bytea") {
    return "decode(" + CastTo(sql, "text") + ", 'base64')";
  }
  if (is_member) return CastTo(sql, TypeOf(column.kind));
  // The statement takes an untyped placeholder as what the column is.
  if (column.sql_type.empty()) return sql;
  const std::string type = WithoutModifier(column.sql_type);
  if (column.kind == ScalarKind::kTimestamp && type == "timestamp without time zone") {
    return "(" + CastTo(sql, "timestamp with time zone") + " AT TIME ZONE 'UTC')";
  }
  if (type == "bytea") return "decode(" + CastTo(sql, "text") + ", 'base64')";
  if (type == "bytea[]") {
    const std::string texts = CastTo(sql, "text[]");
    return "CASE WHEN " + texts + " IS NOT NULL THEN " + DecodedList(texts) + " END";
  }
  if (column.kind == ScalarKind::kVector && type.ends_with("[]")) {
    return CastTo("translate(" + CastTo(sql, "text") + ", '[]', '{}')", type);
  }
  if (column.kind == ScalarKind::kH3Cell && type == "bigint") {
    return CastTo(CastTo("('x' || lpad(" + CastTo(sql, "text") + ", 16, '0'))", "bit(64)"), type);
  }
  return CastTo(sql, type);
}

std::string PostgresDialect::RowsFrom() const { return "json_array_elements(CAST($1 AS json)) AS r(u)"; }

std::string PostgresDialect::RowCell(const Column& column, bool is_item, std::size_t index) const {
  const std::string cell = "(u ->> " + std::to_string(index) + ")";
  if (column.is_list && !is_item) {
    const std::string items = "ARRAY(SELECT json_array_elements_text(CAST(" + cell + " AS json)))";
    const std::string list = "CASE WHEN " + cell + " IS NOT NULL THEN " + items + " END";
    return column.sql_type.empty() ? CastTo(list, std::string(TypeOf(column.kind)) + "[]") : list;
  }
  return column.sql_type.empty() || column.kind == ScalarKind::kBoolean ? CastTo(cell, TypeOf(column.kind)) : cell;
}

std::string PostgresDialect::PackItems(const Column& column, const std::string& items, bool is_member) const {
  if (is_member || column.storage == StructStorage::kJson) return "jsonb_build_array(" + items + ")";
  const std::string own = WithoutModifier(column.sql_type);
  return CastTo(ListOf(items), own.empty() ? std::string(TypeOf(column.kind)) + "[]" : own);
}

std::string PostgresDialect::PackMembers(const Column& column,
                                         const std::vector<std::pair<std::string, std::string>>& members) const {
  std::string out;
  for (const auto& [name, value] : members) {
    out.append(out.empty() ? "" : ", ").append(QuoteLiteral(name)).append(", ").append(value);
  }
  out = "jsonb_build_object(" + out + ")";
  const std::string_view type = ElementType(column.sql_type);
  const bool is_row = column.storage == StructStorage::kStruct && !type.empty() && type != "jsonb" && type != "json";
  return is_row ? "jsonb_populate_record(CAST(NULL AS " + std::string(type) + "), " + out + ")" : out;
}

std::string PostgresDialect::NextValue(const catalog::DataObject& object, const std::string& sequence) const {
  const bool qualified = sequence.find('.') != std::string::npos;
  const std::string& schema = object.source->default_schema;
  const std::string prefix = schema.empty() ? std::string() : QuoteIdentifier(schema) + ".";
  return "nextval(" + QuoteLiteral(qualified ? sequence : prefix + QuoteIdentifier(sequence)) + ")";
}

}  // namespace eider::planner
