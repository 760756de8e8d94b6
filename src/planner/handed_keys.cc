#include "planner/handed_keys.h"

#include "base/text.h"
#include "planner/dialect/postgres_type.h"

namespace eider::planner {

using catalog::Column;
using catalog::ScalarKind;

namespace {

// The digits of the engine's widest decimal.
constexpr int kMostDigits = 38;

bool IsNumber(ScalarKind kind) { return kind == ScalarKind::kInt || kind == ScalarKind::kBigInt; }

// A type without rounding: integers, and decimals of the engine or of a server.
bool IsExact(const Column& column) {
  const std::string type = LowerAscii(column.sql_type);
  return IsNumber(column.kind) || type.starts_with("decimal(") || type.starts_with("numeric(");
}

std::optional<KeyForm> NumberForm(const Column& far, const Column& near) {
  const std::string_view type = far.sql_type;
  if (type == "smallint" || type == "integer" || type == "bigint") {
    return IsNumber(near.kind) ? std::optional<KeyForm>({"bigint", "BIGINT"}) : std::nullopt;
  }
  // Without a scale, or with more digits than its decimals have, the engine may read them as double precision.
  const auto size = NumericSizeOf(type);
  if (size && size->digits <= kMostDigits && IsExact(near)) return KeyForm{"numeric", "VARCHAR"};
  return std::nullopt;
}

// The engine's expression of a key as the server reads it; NULL for what cannot be there.
std::string TextOf(const HandedKey& key) {
  return "CAST(TRY_CAST(" + key.name + " AS " + std::string(key.form.engine) + ") AS VARCHAR)";
}

// The same as an element of the text of an array.
std::string ElementOf(const HandedKey& key) {
  if (key.form.server != "text") return "'\"' || " + TextOf(key) + " || '\"'";
  return R"('"' || replace(replace()" + TextOf(key) + R"(, '\', '\\'), '"', '\"') || '"')";
}

std::string ArrayOf(const HandedKey& key, const std::string& order) {
  const std::string item = order.empty() ? ElementOf(key) : "coalesce(" + ElementOf(key) + ", 'NULL')";
  return "'{' || coalesce(string_agg(" + item + ", ','" + order + "), '') || '}'";
}

std::string QuotedArrayOf(const HandedKey& key, const std::string& order) {
  return "'''' || replace(" + ArrayOf(key, order) + ", '''', '''''') || '''::" + std::string(key.form.server) + "[]'";
}

// Whether so many keys, of these years, are handed over.
std::string FitSql(const std::vector<HandedKey>& keys) {
  std::string sql = "count(*) <= " + std::to_string(kMostKeys);
  for (const HandedKey& key : keys) {
    if (!key.form.is_dated) continue;
    sql.append(" AND coalesce(bool_and(" + key.name + " BETWEEN '0001-01-01' AND '9999-12-31'), true)");
  }
  return sql;
}

std::string NamesOf(const std::vector<HandedKey>& keys) {
  std::string names;
  for (const HandedKey& key : keys) names.append(names.empty() ? "" : ", ").append(key.name);
  return names;
}

std::string DistinctRows(const std::vector<HandedKey>& keys, const std::string& rows) {
  return "(SELECT DISTINCT " + NamesOf(keys) + " FROM (" + rows + "))";
}

}  // namespace

std::optional<KeyForm> KeyFormOf(const Column& far, const Column& near) {
  if (!far.sql.empty() || !near.sql.empty() || far.is_list || near.is_list) return std::nullopt;
  if (IsNumber(far.kind) || far.kind == ScalarKind::kFloat) return NumberForm(far, near);
  if (far.kind != near.kind) return std::nullopt;
  const std::string type = WithoutModifier(far.sql_type);
  switch (far.kind) {
    case ScalarKind::kString:
      // The server fills "character(n)" up with blanks.
      if (type == "uuid") return KeyForm{"uuid", "UUID"};
      return IsTextType(far.sql_type) && type != "character" && type != "bpchar"
                 ? std::optional<KeyForm>({"text", "VARCHAR"})
                 : std::nullopt;
    case ScalarKind::kDate: return type == "date" ? std::optional<KeyForm>({"date", "DATE", true}) : std::nullopt;
    case ScalarKind::kDateTime:
      return type == "timestamp without time zone" ? std::optional<KeyForm>({"timestamp", "TIMESTAMP", true})
                                                   : std::nullopt;
    case ScalarKind::kTimestamp:
      return type == "timestamp with time zone" ? std::optional<KeyForm>({"timestamptz", "TIMESTAMPTZ", true})
                                                : std::nullopt;
    default: return std::nullopt;
  }
}

std::vector<HandedKey> HandedKeys(const std::vector<const Column*>& far, const std::vector<const Column*>& near,
                                  const std::vector<std::string>& names) {
  std::vector<HandedKey> keys;
  for (std::size_t i = 0; i < far.size(); ++i) {
    if (const auto form = KeyFormOf(*far[i], *near[i])) keys.push_back({far[i], *form, names[i]});
  }
  return keys;
}

std::string GatherConditionSql(const std::vector<HandedKey>& keys, const std::string& rows) {
  std::string condition;
  if (keys.size() == 1) {
    condition = QuoteLiteral(" AND " + QuoteIdentifier(keys[0].column->column) + " = ANY(") + " || " +
                QuotedArrayOf(keys[0], "") + " || ')'";
  } else {
    // Sets of keys, so that rows which have one of each but never together are left out as well.
    const std::string order = " ORDER BY " + NamesOf(keys);
    std::string columns;
    std::string arrays;
    for (const HandedKey& key : keys) {
      columns.append(columns.empty() ? "" : ", ").append(QuoteIdentifier(key.column->column));
      arrays.append(arrays.empty() ? "" : " || ', ' || ").append(QuotedArrayOf(key, order));
    }
    condition = QuoteLiteral(" AND (" + columns + ") IN (SELECT * FROM unnest(") + " || " + arrays + " || '))'";
  }
  return "SELECT CASE WHEN " + FitSql(keys) + " THEN " + condition + " ELSE '' END FROM " + DistinctRows(keys, rows);
}

std::string GatherArraySql(const HandedKey& key, const std::string& rows) {
  return "SELECT " + ArrayOf(key, "") + " FROM " + DistinctRows({key}, rows);
}

}  // namespace eider::planner
