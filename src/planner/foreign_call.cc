#include "planner/foreign_call.h"

#include <algorithm>

#include "base/text.h"
#include "planner/dialect.h"
#include "planner/dialect/postgres_type.h"
#include "planner/source_part.h"

namespace eider::planner {

using catalog::Column;
using catalog::Function;
using catalog::FunctionCall;
using catalog::ScalarKind;

namespace {

// Kinds whose values are the same text for both.
bool IsPlain(ScalarKind kind) {
  switch (kind) {
    case ScalarKind::kString:
    case ScalarKind::kId:
    case ScalarKind::kEnum:
    case ScalarKind::kInt:
    case ScalarKind::kBigInt:
    case ScalarKind::kFloat:
    case ScalarKind::kBoolean:
    case ScalarKind::kDate:
    case ScalarKind::kTime:
    case ScalarKind::kTimestamp:
    case ScalarKind::kDateTime: return true;
    default: return false;
  }
}

void FailForeign(Statement& statement, const Function& function, const CallArguments& arguments) {
  statement.Fail(arguments.field == nullptr ? 0 : arguments.field->position,
                 "function \"" + function.name + "\" runs in PostgreSQL, which cannot answer all of this field");
}

// The arguments of the call inside the server's query, where row "a" has those that come from columns.
CallArguments InsideServer(const CallArguments& arguments, const std::vector<const Column*>& mapped) {
  const auto column = [mapped](const Column& wanted) {
    const auto at = std::ranges::find(mapped, &wanted) - mapped.begin();
    return "CAST(a." + ArgumentName(static_cast<std::size_t>(at)) + " AS " +
           std::string(Postgres().TypeOf(wanted.kind)) + ")";
  };
  return {arguments.field, arguments.call, column, {}};
}

bool ArePlain(const std::vector<const Column*>& columns) {
  return std::ranges::all_of(columns, [](const Column* column) { return IsPlain(column->kind) && !column->is_list; });
}

// The server's query with the rows of arguments, as what stands in FROM of the engine's statement.
std::string AskServer(Statement& statement, const Statement& inner, const Function& function, const std::string& select,
                      const std::string& from, const std::vector<const Column*>& mapped, int fetch) {
  std::string query;
  if (mapped.empty()) {
    query = EmbedSql(statement, inner, "SELECT " + select + (from.empty() ? "" : " FROM " + from + " AS f"));
  } else {
    std::string names;
    for (std::size_t i = 0; i < mapped.size(); ++i) names.append(i == 0 ? "" : ", ").append(ArgumentName(i));
    const std::string head = EmbedSql(statement, inner, "SELECT a.*, " + select + " FROM unnest(");
    const std::string tail = EmbedSql(
        statement, inner, ") AS a(" + names + ")" + (from.empty() ? "" : " CROSS JOIN LATERAL " + from + " AS f"));
    if (!head.empty() && !tail.empty()) query = head + " || " + statement.FetchedParameter(fetch) + " || " + tail;
  }
  if (query.empty()) return {};
  return "postgres_query(" + QuoteLiteral(function.source->catalog) + ", " + query + ")";
}

}  // namespace

bool IsForeignCall(const Statement& statement, const Function& function) {
  return function.source->type == "postgres" && !statement.dialect().is_postgres();
}

std::string ArgumentName(std::size_t index) { return "eider_k" + std::to_string(index); }

std::vector<const Column*> MappedColumns(const FunctionCall* call) {
  std::vector<const Column*> columns;
  if (call == nullptr) return columns;
  for (const Column* column : call->mapped) {
    if (column != nullptr && std::ranges::find(columns, column) == columns.end()) columns.push_back(column);
  }
  return columns;
}

Value ForeignCallValue(Statement& statement, const Function& function, const CallArguments& arguments) {
  const std::vector<const Column*> mapped = MappedColumns(arguments.call);
  Value value{"NULL", function.result.kind, function.result.is_list};
  const bool is_possible = mapped.empty() || (statement.allows_fetches() && !arguments.alias.empty());
  const bool is_plain = IsPlain(value.kind) || value.kind == ScalarKind::kJson;
  if (!is_possible || !is_plain || !ArePlain(mapped) || !function.source->engine_refusal.empty()) {
    FailForeign(statement, function, arguments);
    return value;
  }
  Statement inner(Postgres());
  const std::string answer = Postgres().Shown(CallValue(inner, function, InsideServer(arguments, mapped)));
  std::vector<std::string> near;
  for (const Column* column : mapped) near.push_back(arguments.column(*column));
  const int fetch = mapped.empty() ? -1 : statement.ReserveCall(arguments.alias, near);
  const std::string from = AskServer(statement, inner, function, answer + " AS v", {}, mapped, fetch);
  if (inner.error() || from.empty()) {
    FailForeign(statement, function, arguments);
    return value;
  }
  const std::string row = statement.Name("c");
  std::string where;
  for (std::size_t i = 0; i < near.size(); ++i) {
    where.append(i == 0 ? " WHERE " : " AND ").append(row + "." + ArgumentName(i));
    where.append(" IS NOT DISTINCT FROM CAST(").append(near[i]).append(" AS VARCHAR)");
  }
  value.sql = "(SELECT " + row + ".v FROM " + from + " " + row + where + ")";
  return value;
}

std::string ForeignRows(Statement& statement, const Function& function, const CallArguments& arguments, int fetch) {
  const std::vector<const Column*> mapped = MappedColumns(arguments.call);
  std::string columns;
  bool is_plain = function.source->engine_refusal.empty() && ArePlain(mapped) && (mapped.empty() || fetch >= 0);
  for (const Column& column : function.rows->columns) {
    if (!column.sql.empty()) continue;
    const bool is_known =
        column.sql_type.empty() || column.sql_type.starts_with("json") || IsBuiltInType(column.sql_type);
    is_plain = is_plain && !column.is_list && is_known && (IsPlain(column.kind) || column.kind == ScalarKind::kJson);
    columns.append(columns.empty() ? "f." : ", f.").append(QuoteIdentifier(column.column));
  }
  if (function.result.is_list && !function.is_table) columns.append(", f.").append(kPositionColumn);
  std::string from;
  if (is_plain) {
    Statement inner(Postgres());
    const std::string rows = CallRows(inner, function, InsideServer(arguments, mapped));
    if (!inner.error()) from = AskServer(statement, inner, function, columns, rows, mapped, fetch);
  }
  if (from.empty()) FailForeign(statement, function, arguments);
  return from;
}

std::string GatherArgumentsSql(const std::vector<std::string>& names, const std::string& rows) {
  std::string texts;
  std::string arrays;
  std::string order;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string name = ArgumentName(i);
    texts.append(i == 0 ? "" : ", ").append("CAST(" + names[i] + " AS VARCHAR) AS " + name);
    order.append(i == 0 ? "" : ", ").append(name);
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string item = "coalesce('''' || replace(" + ArgumentName(i) + ", '''', '''''') || '''', 'NULL')";
    arrays.append(i == 0 ? "'ARRAY['" : " || ', ARRAY['");
    arrays.append(" || coalesce(string_agg(" + item + ", ',' ORDER BY " + order + "), '') || ']::text[]'");
  }
  return "SELECT " + arrays + " FROM (SELECT DISTINCT " + texts + " FROM (" + rows + "))";
}

}  // namespace eider::planner
