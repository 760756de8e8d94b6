#include "planner/call.h"

#include "base/text.h"
#include "graphql/print.h"
#include "planner/dialect.h"
#include "planner/foreign_call.h"
#include "planner/json_filter.h"
#include "planner/outputs.h"
#include "planner/placeholders.h"
#include "planner/temporal_input.h"

namespace eider::planner {

using catalog::Column;
using catalog::Function;
using catalog::InputType;
using catalog::ScalarKind;
using catalog::StructStorage;

namespace {

// The SQL type of an argument, with its list.
std::string TypeOf(const Statement& statement, const InputType::Member& argument) {
  std::string type(statement.dialect().TypeOf(argument.kind));
  return argument.is_list && argument.kind != ScalarKind::kJson ? type + "[]" : type;
}

bool IsCastNeeded(ScalarKind kind) {
  switch (kind) {
    case ScalarKind::kDate:
    case ScalarKind::kTime:
    case ScalarKind::kTimestamp:
    case ScalarKind::kDateTime:
    case ScalarKind::kInterval:
    case ScalarKind::kJson: return true;
    default: return false;
  }
}

std::string TextSql(const InputType::Member& argument, const std::string& text) {
  switch (argument.kind) {
    case ScalarKind::kBoolean:
    case ScalarKind::kInt:
    case ScalarKind::kBigInt:
    case ScalarKind::kFloat: return text;
    default: return QuoteLiteral(text);
  }
}

// One scalar of a default value in SDL.
std::string DefaultItem(const InputType::Member& argument, const graphql::Value& value) {
  if (value.IsNull()) return "NULL";
  const std::string text(value.text);
  return TextSql(argument, NormalizeTemporal(text, argument.kind, {}).value_or(text));
}

}  // namespace

std::string ArgumentSql(Statement& statement, const InputType::Member& argument, const BoundValue* value) {
  const Dialect& dialect = statement.dialect();
  if (value == nullptr || value->IsNull()) return "NULL";
  const std::string type = TypeOf(statement, argument);
  if (value->kind == BoundKind::kParameter) {
    const std::string sql = dialect.Parameter(statement, *value, {{}, argument.kind, argument.is_list});
    // A function of INTEGER takes no operand that is wide enough to be compared with any integer.
    return sql.ends_with(" AS " + type + ")") ? sql : "CAST(" + sql + " AS " + type + ")";
  }
  if (argument.kind == ScalarKind::kJson) return dialect.JsonLiteral(JsonTextOf(*value));
  if (value->kind == BoundKind::kText) return TextSql(argument, value->text);
  std::vector<std::string> items;
  for (const BoundValue& item : value->items) {
    items.push_back(item.IsNull() ? "NULL" : TextSql(argument, item.text));
  }
  return "CAST(" + dialect.ListOf(NameList(items)) + " AS " + type + ")";
}

std::string AbsentArgumentSql(Statement& statement, const InputType::Member& argument, const catalog::Source& source) {
  if (!argument.placeholder.empty()) {
    return SystemPlaceholder(statement, source, argument.placeholder, false).value_or("NULL");
  }
  if (argument.default_value == nullptr || argument.default_value->IsNull()) return "NULL";
  const graphql::Value& value = *argument.default_value;
  if (argument.kind == ScalarKind::kJson) {
    std::string json;
    graphql::PrintJson(value, &json);
    return statement.dialect().JsonLiteral(json);
  }
  std::string sql = DefaultItem(argument, value);
  if (argument.is_list) {
    std::vector<std::string> items;
    if (value.kind == graphql::ValueKind::kList) {
      for (const graphql::Value& item : value.items()) items.push_back(DefaultItem(argument, item));
    } else {
      items.push_back(std::move(sql));
    }
    sql = statement.dialect().ListOf(NameList(items));
  }
  return "CAST(" + sql + " AS " + TypeOf(statement, argument) + ")";
}

std::string ViewArgumentSql(Statement& statement, const InputType::Member& argument, const BoundValue* value,
                            const catalog::Source& source) {
  std::string sql =
      value == nullptr ? AbsentArgumentSql(statement, argument, source) : ArgumentSql(statement, argument, value);
  // A server gives a NULL the type of its place; the engine makes it an INTEGER where it is selected.
  if (sql != "NULL" || statement.dialect().is_postgres()) return sql;
  return "CAST(NULL AS " + TypeOf(statement, argument) + ")";
}

namespace {

// Compiles one call.
class CallCompiler {
 public:
  CallCompiler(Statement& statement, const Function& function, const CallArguments& arguments)
      : statement_(statement),
        function_(function),
        arguments_(arguments) {}

  // The call, or the expression that stands for it.
  std::string Sql() const {
    if (function_.sql.empty()) return function_.call_name + "(" + ArgumentList() + ")";
    return ReplacePlaceholders(function_.sql, [&](std::string_view name, bool qualifies) -> std::optional<std::string> {
      if (auto known = SystemPlaceholder(statement_, *function_.source, name, qualifies)) return known;
      for (std::size_t i = 0; i < function_.arguments.size(); ++i) {
        if (function_.arguments[i].name == name) return Argument(i);
      }
      return std::nullopt;
    });
  }

 private:
  std::string ArgumentList() const {
    std::vector<std::string> list;
    for (std::size_t i = 0; i < function_.arguments.size(); ++i) {
      const InputType::Member& argument = function_.arguments[i];
      std::string sql = Argument(i);
      if (function_.skip_null_arguments && sql == "NULL") continue;
      list.push_back(argument.passed_as.empty() ? std::move(sql)
                                                : QuoteIdentifier(argument.passed_as) + " := " + std::move(sql));
    }
    return NameList(list);
  }

  std::string Argument(std::size_t index) const {
    const InputType::Member& argument = function_.arguments[index];
    const catalog::FunctionCall* call = arguments_.call;
    if (call != nullptr && call->mapped[index] != nullptr) return arguments_.column(*call->mapped[index]);
    const BoundValue* given = FindGiven(argument.name);
    if (given != nullptr) return ArgumentSql(statement_, argument, given);
    return AbsentArgumentSql(statement_, argument, *function_.source);
  }

  const BoundValue* FindGiven(std::string_view name) const {
    if (arguments_.field == nullptr) return nullptr;
    for (const auto& [given, value] : arguments_.field->call_arguments) {
      if (given == name) return &value;
    }
    return nullptr;
  }

  Statement& statement_;
  const Function& function_;
  const CallArguments& arguments_;
};

// Whether `sql` is a query rather than a call.
bool IsQuery(std::string_view sql) {
  const std::size_t start = sql.find_first_not_of(" \t\r\n");
  const std::string text = LowerAscii(start == std::string_view::npos ? std::string_view() : sql.substr(start));
  return text.starts_with("select") || text.starts_with("with") || text.starts_with("from ");
}

// The members of the structural value "v" as columns of the rows' object.
std::string MemberColumns(const Statement& statement, const Function& function) {
  const Dialect& dialect = statement.dialect();
  std::string columns;
  for (const Column& column : function.rows->columns) {
    if (!column.sql.empty()) continue;
    std::string sql = function.json_cast ? dialect.JsonAt("v", {column.column}, column.kind, column.is_list)
                                         : dialect.StructMember("v", column.column);
    const bool stored_as_struct =
        column.kind == ScalarKind::kStruct && column.storage == StructStorage::kStruct && !column.sql_type.empty();
    const bool stored_as_json = column.kind == ScalarKind::kStruct && column.storage == StructStorage::kJson;
    if (!function.json_cast && stored_as_json) sql = dialect.StructAsJson(sql);
    if (function.json_cast && stored_as_struct) sql = "CAST(" + sql + " AS " + column.sql_type + ")";
    if (!columns.empty()) columns.append(", ");
    columns.append(sql).append(" AS ").append(QuoteIdentifier(column.column));
  }
  return columns.empty() ? "1 AS one" : columns;
}

}  // namespace

Value CallValue(Statement& statement, const Function& function, const CallArguments& arguments) {
  if (IsForeignCall(statement, function)) return ForeignCallValue(statement, function, arguments);
  const Dialect& dialect = statement.dialect();
  const Column& result = function.result;
  Value value{CallCompiler(statement, function, arguments).Sql(), result.kind, result.is_list};
  if (function.is_table) {
    const std::string rows = IsQuery(value.sql) ? "(" + value.sql + ")" : value.sql;
    const std::string name = statement.Name("v");
    const std::string shown = result.is_list ? dialect.Gather(name, {}) : name;
    value.sql = "(SELECT " + shown + " FROM " + rows + " AS " + statement.Name("t") + "(" + name + ")" +
                (result.is_list ? ")" : " LIMIT 1)");
  } else if (function.json_cast) {
    value.sql = dialect.JsonAt(value.sql, {}, result.kind, result.is_list);
  } else if (IsCastNeeded(result.kind)) {
    value.sql =
        "CAST(" + value.sql + " AS " + std::string(dialect.TypeOf(result.kind)) + (result.is_list ? "[])" : ")");
  }
  return value;
}

bool IsRemote(const Function& function) { return function.source->type == "http" || AsksServers(function.sql); }

bool AsksServers(std::string_view sql) { return sql.find("http_data_source_request") != std::string_view::npos; }

std::string CallRows(Statement& statement, const Function& function, const CallArguments& arguments) {
  if (IsForeignCall(statement, function)) return ForeignRows(statement, function, arguments, -1);
  const std::string sql = CallCompiler(statement, function, arguments).Sql();
  if (function.is_table && !function.json_cast) return IsQuery(sql) ? "(" + sql + ")" : sql;
  const std::string columns = MemberColumns(statement, function);
  if (function.is_table) {
    return "(SELECT " + columns + " FROM " + (IsQuery(sql) ? "(" + sql + ")" : sql) + " AS " + statement.Name("f") +
           "(v))";
  }
  if (!function.result.is_list) {
    const std::string present =
        function.json_cast ? "v IS NOT NULL" : statement.dialect().IsPresent({"v", ScalarKind::kStruct});
    return "(SELECT " + columns + " FROM (SELECT " + sql + " AS v) AS " + statement.Name("f") + " WHERE " + present +
           ")";
  }
  return "(SELECT " + columns + ", o AS " + std::string(kPositionColumn) + " FROM (" +
         statement.dialect().UnnestList(sql, function.json_cast) + ") AS " + statement.Name("f") + ")";
}

}  // namespace eider::planner
