#include "planner/source_part.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"
#include "planner/dialect/postgres_type.h"
#include "planner/filter.h"
#include "planner/foreign_numbers.h"
#include "planner/order.h"
#include "planner/pushdown.h"

namespace eider::planner {

using catalog::Column;
using catalog::DataObject;
using catalog::FieldKind;

namespace {

// A type of the server whose values have a text that means the same to the engine.
struct SharedType {
  std::string_view server;
  std::string_view engine;
  enum class Travels {
    kNever,      // The server's own text may mean something else.
    kAsIs,       // The server's text is the engine's.
    kAsDate,     // But for the era, which the engine wants behind the date.
    kAsDateTime  // Likewise.
  };
  Travels travels = Travels::kAsIs;  // From the server.
  bool is_sent = true;               // Also to the server: what does not fit is refused as the engine refuses it.
};

// Null for a type that is not sure to be read alike.
const SharedType* SharedTypeOf(std::string_view type) {
  using enum SharedType::Travels;
  static constexpr std::array<SharedType, 17> kTypes = {{
      {"smallint", "SMALLINT"},
      {"integer", "INTEGER"},
      {"bigint", "BIGINT"},
      {"real", "FLOAT"},
      {"double precision", "DOUBLE"},
      {"boolean", "BOOLEAN"},
      {"text", "VARCHAR"},
      {"character varying", "VARCHAR"},
      {"varchar", "VARCHAR"},
      {"uuid", "UUID", kAsIs, false},
      {"time without time zone", "TIME", kAsIs, false},
      {"date", "DATE", kAsDate},
      {"timestamp with time zone", "TIMESTAMPTZ", kAsDateTime},
      {"timestamp without time zone", "TIMESTAMP", kAsDateTime},
      {"timestamp", "TIMESTAMP", kAsDateTime},
      {"json", "JSON", kNever},
      {"jsonb", "JSON", kNever},
  }};
  const auto found = std::ranges::find(kTypes, WithoutModifier(type), &SharedType::server);
  return found == kTypes.end() ? nullptr : &*found;
}

// The same for values that are written into the server's query.
const SharedType* SentTypeOf(std::string_view type) {
  const SharedType* shared = SharedTypeOf(type);
  return shared != nullptr && shared->is_sent ? shared : nullptr;
}

// Whether every parameter of the server's query can be written as a literal.
bool CanEmbed(const Statement& inner) {
  for (std::size_t i = 0; i < inner.parameter_map().size(); ++i) {
    if (SentTypeOf(ElementType(inner.parameter_type(i))) == nullptr) return false;
  }
  return true;
}

// The expression that quotes `text`, an expression of the engine, for the server.
std::string Quoted(const std::string& text) { return "'''' || replace(" + text + ", '''', '''''') || ''''"; }

// A parameter of the server's query as an expression whose value is a literal of it; empty = it has none.
std::string LiteralOf(Statement& statement, const Statement& inner, std::size_t index) {
  std::string_view type = inner.parameter_type(index);
  const bool is_list = type.ends_with("[]");
  type = ElementType(type);
  const SharedType* shared = SentTypeOf(type);
  if (shared == nullptr) return {};
  const std::string own(shared->engine);
  int parameter = inner.parameter_map()[index];
  if (parameter < 0) parameter = statement.AddSessionValue(inner.session()[static_cast<std::size_t>(-1 - parameter)]);
  const BoundValue value = BoundValue::ParameterOf(parameter, is_list);
  const std::string name = statement.Parameter(value, "part " + std::string(type));
  if (!is_list) {
    return "coalesce(" + Quoted("CAST(CAST(" + name + " AS " + own + ") AS VARCHAR)") + ", 'NULL')";
  }
  const std::string item = R"('"' || replace(replace(CAST(i AS VARCHAR), '\', '\\'), '"', '\"') || '"')";
  const std::string items = "array_to_string(list_transform(CAST(" + name + " AS " + own + "[]), lambda i: coalesce(" +
                            item + ", 'NULL')), ',')";
  return "coalesce(" + Quoted("'{' || " + items + " || '}'") + ", 'NULL')";
}

// How the values of a column travel as texts of an array.
struct Travel {
  std::string text;  // The server's expression.
  std::string type;  // The engine's type of the value that it is cast to again.
};

// Nothing for types whose text is not sure to mean the same to both.
std::optional<Travel> TravelOf(const Column& column) {
  using enum SharedType::Travels;
  const SharedType* shared = SharedTypeOf(column.sql_type);
  if (shared == nullptr || shared->travels == kNever) return std::nullopt;
  std::string text = QuoteIdentifier(column.column) + "::text";
  if (shared->travels == kAsDate) text = "replace(" + text + ", ' BC', ' (BC)')";
  if (shared->travels == kAsDateTime) text = "regexp_replace(" + text + R"(, '^(\S+) (.*) BC$', '\1 (BC) \2'))";
  return Travel{std::move(text), std::string(shared->engine)};
}

// A field of the object that the path names, which is sorted as it is stored; null for everything else.
const Column* SortedColumn(const DataObject& object, const std::vector<BoundField>& selection, std::string_view path) {
  const auto named = std::ranges::find(selection, path, &BoundField::response_name);
  if (named == selection.end()) return object.FindColumn(path);
  const bool is_plain = named->binding != nullptr && named->binding->kind == FieldKind::kColumn &&
                        named->arguments.empty() && named->call_arguments.empty();
  return is_plain ? named->binding->column : nullptr;
}

bool IsGiven(const BoundField& field, std::string_view argument) {
  const BoundValue* value = field.Argument(argument);
  return value != nullptr && !value->IsNull();
}

}  // namespace

std::string EmbedSql(Statement& statement, const Statement& inner, std::string_view sql) {
  std::string out;
  std::string text;
  const auto add = [&](const std::string& expression) {
    out.append(out.empty() ? "" : " || ").append(QuoteLiteral(text));
    if (!expression.empty()) out.append(" || ").append(expression);
    text.clear();
  };
  char quote = 0;
  for (std::size_t at = 0; at < sql.size(); ++at) {
    const char c = sql[at];
    if (quote != 0 ? c == quote : (c == '\'' || c == '"')) quote = quote == 0 ? c : 0;
    const bool is_parameter = quote == 0 && c == '$' && at + 1 < sql.size() && std::isdigit(sql[at + 1]) != 0;
    if (!is_parameter) {
      text.push_back(c);
      continue;
    }
    std::size_t number = 0;
    while (at + 1 < sql.size() && std::isdigit(sql[at + 1]) != 0) number = number * 10 + (sql[++at] - '0');
    const std::string literal = LiteralOf(statement, inner, number - 1);
    if (literal.empty()) return {};
    add(literal);
  }
  add({});
  return out;
}

std::optional<SourcePart> SourcePart::Of(const Statement& statement, const DataObject& object, std::string_view rows) {
  const bool is_table = object.view_sql.empty() && object.structure == nullptr && !object.relation_sql.empty();
  const bool is_own = object.source != nullptr && object.source->type == "postgres" && !object.no_pushdown &&
                      object.source->engine_refusal.empty();
  if (statement.dialect().is_postgres() || !is_table || !is_own) return std::nullopt;
  if (statement.TimePointOf(object.source) != nullptr || rows != statement.dialect().TableName(object)) {
    return std::nullopt;
  }
  return SourcePart(object, statement.access());
}

void SourcePart::AddArguments(const BoundField& arguments, const std::vector<BoundField>& selection,
                              std::int64_t limit) {
  if (!StaysInSource(arguments, *object_, access_)) return;
  auto inner = std::make_shared<Statement>(Postgres());
  inner->SetAccess(access_);
  alias_ = inner->Name("t");
  std::string condition = VisibleSql(*object_, alias_, arguments.with_deleted);
  if (const BoundValue* filter = arguments.Argument("filter")) {
    condition = JoinConditions({condition, FilterSql(*inner, *object_, alias_, *filter)}, "AND");
  }
  if (inner->error() || !CanEmbed(*inner)) return;
  condition_ = std::move(condition);
  inner_ = inner;
  if (limit < 0 || IsGiven(arguments, "distinct_on") || IsGiven(arguments, "similarity")) return;
  const bool is_ordered = IsGiven(arguments, "order_by");
  const std::string order = is_ordered ? OrderSql(*inner, arguments, selection) : std::string();
  if (!is_ordered || !order.empty()) tail_ = order + " LIMIT " + std::to_string(limit);
}

std::string SourcePart::OrderSql(Statement& inner, const BoundField& arguments,
                                 const std::vector<BoundField>& selection) const {
  std::vector<SortKey> keys;
  for (const OrderTerm& term : ReadOrder(inner, *arguments.Argument("order_by"))) {
    const Column* column = SortedColumn(*object_, selection, term.path);
    if (column == nullptr || column->is_list || !column->sql.empty()) return {};
    const Value value = ColumnValue(*object_, *column, alias_);
    keys.push_back({value.sql, term.descending, value});
  }
  return inner.error() ? std::string() : OrderClause(inner, keys);
}

bool SourcePart::IsUsed(const Column& column, std::string_view alias, std::string_view used) {
  return column.sql.empty() &&
         used.find(std::string(alias) + "." + QuoteIdentifier(column.column)) != std::string_view::npos;
}

std::optional<std::string> SourcePart::Columns(std::string_view alias, std::string_view used) const {
  std::string columns;
  for (const Column& column : object_->columns) {
    if (!IsUsed(column, alias, used) || IsRepeated(*object_, column)) continue;
    if (!IsReadAlike(column)) return std::nullopt;
    const std::string name = QuoteIdentifier(column.column);
    const std::string held = HeldColumn(*object_, column);
    columns.append(columns.empty() ? "" : ", ").append(held == name ? name : held + " AS " + name);
  }
  return columns.empty() ? "1 AS one" : columns;
}

std::string SourcePart::FromSql(Statement& statement, std::string_view alias, std::string_view used) const {
  const auto columns = Columns(alias, used);
  if (!columns || !is_restricting()) return statement.dialect().TableName(*object_);
  const std::string table = Postgres().TableName(*object_) + (alias_.empty() ? "" : " " + alias_);
  std::string query = QuoteLiteral("SELECT " + *columns + " FROM " + table + " WHERE true");
  if (!condition_.empty()) query.append(" || ").append(EmbedSql(statement, *inner_, " AND (" + condition_ + ")"));
  if (array_key_) {
    query.append(" || ").append(QuoteLiteral(" AND " + QuoteIdentifier(array_key_->column->column) + " = ANY("));
    query.append(" || ").append(Quoted(statement.FetchedParameter(array_)));
    query.append(" || ").append(QuoteLiteral("::" + std::string(array_key_->form.server) + "[])"));
  }
  for (const int fetch : fetches_) query.append(" || ").append(statement.FetchedParameter(fetch));
  if (!tail_.empty()) query.append(" || ").append(EmbedSql(statement, *inner_, tail_));
  std::vector<const Column*> read;
  for (const Column& column : object_->columns) {
    if (IsUsed(column, alias, used) && !IsRepeated(*object_, column)) read.push_back(&column);
  }
  return HeldRows(*object_, read, "postgres_query(" + QuoteLiteral(object_->source->catalog) + ", " + query + ")");
}

std::optional<std::string> SourcePart::FetchedSql(Statement& statement, std::string_view alias,
                                                  std::string_view used) const {
  std::string texts;
  std::string values;
  int count = 0;
  for (const Column& column : object_->columns) {
    if (!IsUsed(column, alias, used) || IsRepeated(*object_, column)) continue;
    const auto travel = TravelOf(column);
    if (!travel) return std::nullopt;
    texts.append(texts.empty() ? "" : ", ").append(travel->text);
    values.append(values.empty() ? "" : ", ").append("CAST(r[" + std::to_string(++count) + "] AS " + travel->type);
    values.append(") AS ").append(QuoteIdentifier(column.column));
  }
  const std::string head = "SELECT CAST(coalesce(json_agg(json_build_array(" + texts + ")), '[]') AS text) FROM " +
                           Postgres().TableName(*object_) + " WHERE " + QuoteIdentifier(array_key_->column->column) +
                           " = ANY(CAST(";
  const std::string tail = " AS " + std::string(array_key_->form.server) + "[]))";
  const std::string through = "SELECT * FROM postgres_query(" + QuoteLiteral(object_->source->catalog) + ", " +
                              QuoteLiteral(head) + " || " + Quoted("CAST($1 AS VARCHAR)") + " || " +
                              QuoteLiteral(tail) + ")";
  // The text may be written more than once.
  const int rows = statement.ReserveCall(std::string(alias) + "_rows", {});
  statement.SetFetch(rows, {head + "$1" + tail, {}, object_->source->name, through}, {array_});
  return "(SELECT " + values + " FROM (SELECT unnest(from_json(CAST(" + statement.FetchedParameter(rows) +
         R"( AS VARCHAR), '[["VARCHAR"]]')) AS r)))";
}

}  // namespace eider::planner
