#include "planner/foreign_numbers.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "base/text.h"
#include "planner/dialect.h"
#include "planner/dialect/postgres_type.h"

namespace eider::planner {

using catalog::Column;
using catalog::DataObject;
using catalog::ScalarKind;

namespace {

constexpr int kDigits = 38;
// Of numbers whose type does not say. Small quotients have more decimals, which count only as far as a double goes.
constexpr int kScale = 20;
constexpr std::string_view kPrecision = "1e-15";
// Beside the columns that it takes the place of.
constexpr std::string_view kHeld = "!held";

bool IsNumber(ScalarKind kind) {
  return kind == ScalarKind::kInt || kind == ScalarKind::kBigInt || kind == ScalarKind::kFloat;
}

bool IsText(ScalarKind kind) {
  return kind == ScalarKind::kString || kind == ScalarKind::kId || kind == ScalarKind::kEnum;
}

// The form of a stored column that is a number or a text of one.
std::optional<DecimalForm> FormOf(const Column& column) {
  if (!column.sql.empty() || column.is_list || (!IsNumber(column.kind) && !IsText(column.kind))) return std::nullopt;
  return DecimalFormOf(column.sql_type);
}

// Of the fields over the same column the one that says how it is read: a number before a text.
const Column& FirstField(const DataObject& object, const Column& column) {
  const auto is_same = [&](const Column& one) {
    return one.sql.empty() && one.column == column.column && IsNumber(one.kind);
  };
  const auto number = std::ranges::find_if(object.columns, is_same);
  if (number != object.columns.end()) return *number;
  const auto first = std::ranges::find_if(
      object.columns, [&](const Column& one) { return one.sql.empty() && one.column == column.column; });
  return first == object.columns.end() ? column : *first;
}

// Whether values travel as text, since the engine has wider integers than decimals.
bool IsWideInteger(const Column& column) {
  const auto form = FormOf(column);
  return form && form->is_narrower && (column.kind == ScalarKind::kInt || column.kind == ScalarKind::kBigInt);
}

// What the engine makes of the column called `name` in the server's answer.
std::string EngineValue(const Column& column, const std::string& name) {
  return IsWideInteger(column) ? "CAST(" + name + " AS HUGEINT)" : name;
}

// The server's condition for numbers of a column that its form does not hold.
std::string Misfit(const Column& column, const DecimalForm& form) {
  const std::string name = QuoteIdentifier(column.column);
  if (!form.is_narrower) return name + " = 'NaN'";
  if (IsWideInteger(column)) {
    return "NOT (abs(" + name + ") <= 170141183460469231731687303715884105727) OR " + name + " <> trunc(" + name + ")";
  }
  const std::string most = "1" + std::string(static_cast<std::size_t>(form.digits - form.scale), '0');
  return "NOT (abs(" + name + ") < " + most + ") OR abs(" + name + " - round(" + name + ", " +
         std::to_string(form.scale) + ")) > abs(" + name + ") * " + std::string(kPrecision);
}

// What a statement reads of a table.
struct Uses {
  std::set<std::string> columns;
  bool all = false;  // Also columns that it does not name.
};

bool IsNameCharacter(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Reads `"name"` at the beginning of `text`.
std::string QuotedName(std::string_view text) {
  std::string name;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '"' && (at + 1 == text.size() || text[at + 1] != '"')) break;
    if (text[at] == '"') ++at;
    name.push_back(text[at]);
  }
  return name;
}

Uses UsesOf(std::string_view sql, std::string_view alias) {
  Uses uses;
  const std::string prefix = std::string(alias) + ".";
  for (std::size_t at = sql.find(prefix); at != std::string_view::npos; at = sql.find(prefix, at + 1)) {
    if (at > 0 && IsNameCharacter(sql[at - 1])) continue;
    const std::string_view rest = sql.substr(at + prefix.size());
    if (rest.starts_with('*')) uses.all = true;
    if (rest.starts_with('"')) uses.columns.insert(QuotedName(rest));
  }
  return uses;
}

class TableReader {
 public:
  TableReader(const DataObject& object, const Uses& uses, bool always)
      : object_(object),
        uses_(uses),
        always_(always) {}

  // What stands in FROM; nothing when the table may stand there itself.
  std::optional<std::string> Sql() const {
    if (!UsesNumbers()) return std::nullopt;
    return uses_.all ? AllColumns() : UsedColumns();
  }

 private:
  bool UsesNumbers() const {
    return std::ranges::any_of(object_.columns, [&](const Column& column) {
      const auto form = FormOf(column);
      return form && (form->is_narrower || always_) && (uses_.all || uses_.columns.contains(column.column));
    });
  }

  std::optional<std::string> AllColumns() const {
    const auto is_own = [](const Column& column) { return column.sql.empty() && !IsReadAlike(column); };
    if (std::ranges::any_of(object_.columns, is_own)) return std::nullopt;
    return HeldQuery(object_, QuoteLiteral("SELECT * FROM " + Postgres().TableName(object_)));
  }

  std::optional<std::string> UsedColumns() const {
    std::string list;
    std::vector<const Column*> columns;
    for (const std::string& name : uses_.columns) {
      const auto column = std::ranges::find_if(
          object_.columns, [&](const Column& one) { return one.sql.empty() && one.column == name; });
      if (column == object_.columns.end() || !IsReadAlike(*column)) return std::nullopt;
      list.append(list.empty() ? "" : ", ").append(HeldColumn(object_, *column)).append(" AS ");
      list.append(QuoteIdentifier(name));
      columns.push_back(&*column);
    }
    const std::string query = "SELECT " + list + " FROM " + Postgres().TableName(object_);
    return HeldRows(object_, columns,
                    "postgres_query(" + QuoteLiteral(object_.source->catalog) + ", " + QuoteLiteral(query) + ")");
  }

  const DataObject& object_;
  const Uses& uses_;
  const bool always_;
};

}  // namespace

std::optional<DecimalForm> DecimalFormOf(std::string_view type) {
  if (type == "numeric") return DecimalForm{kDigits, kScale, true};
  const auto size = NumericSizeOf(type);
  if (!size || type.ends_with("[]")) return std::nullopt;
  return DecimalForm{std::min(size->digits, kDigits), std::min(size->scale, kDigits), size->digits > kDigits};
}

bool IsReadAlike(const Column& column) {
  const bool is_json = column.sql_type == "json" || column.sql_type == "jsonb";
  return !column.is_list && (is_json || IsBuiltInType(column.sql_type));
}

std::string HeldColumn(const DataObject& object, const Column& asked) {
  const Column& column = FirstField(object, asked);
  const auto form = FormOf(column);
  if (!form) return QuoteIdentifier(asked.column);
  const std::string name = QuoteIdentifier(asked.column);
  if (IsText(column.kind)) return "CAST(" + name + " AS text)";
  const std::string problem = QuoteLiteral(
      "field \"" + column.name + "\" of " + object.name +
      " holds a number that only its server computes with: ask for it without @no_pushdown and without fields of other "
      "sources, or declare the field as String");
  const std::string type = IsWideInteger(column)
                               ? std::string("text")
                               : "numeric(" + std::to_string(form->digits) + "," + std::to_string(form->scale) + ")";
  // The number itself is not told, since a rule may keep its row from who asks; yet the text depends on it, so that
  // the server makes it for such a row alone.
  const std::string failure = "CAST(" + problem + " || left(CAST(" + name + " AS text), 0) AS numeric)";
  return "CAST(CASE WHEN " + Misfit(column, *form) + " THEN " + failure + " ELSE " +
         (IsWideInteger(column) ? "trunc(" + name + ")" : name) + " END AS " + type + ")";
}

std::string HeldRows(const DataObject& object, const std::vector<const Column*>& columns, std::string rows) {
  std::string replaced;
  for (const Column* column : columns) {
    const std::string name = QuoteIdentifier(column->column);
    const std::string value = EngineValue(FirstField(object, *column), name);
    if (value == name) continue;
    replaced.append(replaced.empty() ? "" : ", ").append(value).append(" AS ").append(name);
  }
  return replaced.empty() ? rows : "(SELECT * REPLACE (" + replaced + ") FROM " + rows + ")";
}

bool IsRepeated(const DataObject& object, const Column& column) {
  const auto first = std::ranges::find_if(
      object.columns, [&](const Column& one) { return one.sql.empty() && one.column == column.column; });
  return first != object.columns.end() && &*first != &column;
}

bool HasWideNumbers(const DataObject& object) {
  return std::ranges::any_of(object.columns, [](const Column& column) {
    const auto form = FormOf(column);
    return form && form->is_narrower;
  });
}

std::string HeldQuery(const DataObject& object, const std::string& sql) {
  const std::string catalog = QuoteLiteral(object.source->catalog);
  std::string held;
  std::string replaced;
  for (const Column& column : object.columns) {
    if (!FormOf(column) || &FirstField(object, column) != &column) continue;
    const std::string beside = QuoteIdentifier(column.column + std::string(kHeld));
    held.append(", ").append(HeldColumn(object, column)).append(" AS ").append(beside);
    replaced.append(replaced.empty() ? "" : ", ").append(EngineValue(column, beside)).append(" AS ");
    replaced.append(QuoteIdentifier(column.column));
  }
  // What the schema says may end in a comment.
  const bool is_plain = held.empty() && object.view_sql.find("--") == std::string::npos;
  if (is_plain) return "postgres_query(" + catalog + ", " + sql + ")";
  const std::string query = QuoteLiteral("SELECT *" + held + " FROM (") + " || " + sql + " || " + QuoteLiteral("\n) q");
  if (held.empty()) return "postgres_query(" + catalog + ", " + query + ")";
  return "(SELECT * REPLACE (" + replaced + ") FROM postgres_query(" + catalog + ", " + query + "))";
}

std::string WithHeldNumbers(std::string sql, const std::vector<const DataObject*>& tables, bool always) {
  for (const DataObject* table : tables) {
    const std::string name = DuckDb().TableName(*table) + " ";
    for (std::size_t at = sql.find(name); at != std::string::npos; at = sql.find(name, at + 1)) {
      std::size_t end = at + name.size();
      while (end < sql.size() && IsNameCharacter(sql[end])) ++end;
      Uses uses = UsesOf(sql, std::string_view(sql).substr(at + name.size(), end - at - name.size()));
      if (std::string_view(sql).substr(0, at).ends_with("* FROM ")) uses.all = true;
      if (const auto rows = TableReader(*table, uses, always).Sql()) sql.replace(at, name.size() - 1, *rows);
    }
  }
  return sql;
}

}  // namespace eider::planner
