#include "server/http_functions.h"

#include <charconv>
#include <map>

#include "base/json.h"
#include "engine/batch_function.h"
#include "engine/session.h"
#include "sources/http/http_batch.h"
#include "sources/http/http_service.h"

namespace eider::server {
namespace {

using query::RequestContext;
using rapidjson::Value;
using sources::HttpCall;
using Values = std::vector<std::optional<std::string>>;

// The arguments in SQL: source, path, method, headers, parameters, body, jq; of a batch also the most items of one
// request, and its body is one of them.
constexpr int kArguments = 7;
constexpr std::size_t kItem = 5;
constexpr std::size_t kMost = 7;
constexpr std::size_t kMostItems = 10'000;

// A row for each item of a list, or one for anything else.
constexpr std::string_view kRowsMacro =
    "CREATE OR REPLACE MACRO http_data_source_request(source, path, method, headers, parameters, body, jq) AS TABLE "
    "SELECT unnest(CASE WHEN json_type(j) = 'ARRAY' THEN json_extract(j, '$[*]') ELSE [j] END) AS value FROM "
    "(SELECT http_data_source_request_scalar(source, path, method, headers, parameters, body, jq) AS j) "
    "WHERE j IS NOT NULL";

// The same with a number as a number.
constexpr std::string_view kBatchMacro =
    "CREATE OR REPLACE MACRO http_data_source_request_batch(source, path, method, headers, parameters, item, jq, most) "
    "AS "
    "eider_http_batch(source, path, method, headers, parameters, item, jq, CAST(most AS VARCHAR))";

HttpCall CallOf(const engine::TextRow& row) {
  HttpCall call;
  call.path = row[1].value_or("");
  call.method = row[2].value_or("");
  call.headers = row[3].value_or("");
  call.parameters = row[4].value_or("");
  call.body = row[5];
  call.jq = row[6].value_or("");
  return call;
}

// The places of the rows that ask something, by source. Without source, path or method there is nothing to ask.
std::map<std::string, std::vector<std::size_t>> BySource(const std::vector<engine::TextRow>& rows) {
  std::map<std::string, std::vector<std::size_t>> by_source;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i][0] && rows[i][1] && rows[i][2]) by_source[*rows[i][0]].push_back(i);
  }
  return by_source;
}

// Calls of one statement, sent source by source.
Result<Values> AnswerRows(sources::SourceRegistry& sources, const std::vector<engine::TextRow>& rows,
                          const engine::Limits& limits) {
  Values values(rows.size());
  for (const auto& [name, places] : BySource(rows)) {
    EIDER_ASSIGN_OR_RETURN(const auto service, sources.Http(name));
    std::vector<HttpCall> calls;
    for (const std::size_t i : places) calls.push_back(CallOf(rows[i]));
    EIDER_ASSIGN_OR_RETURN(auto answers, service->Call(calls, limits));
    for (std::size_t k = 0; k < places.size(); ++k) values[places[k]] = std::move(answers[k]);
  }
  return values;
}

Result<std::size_t> MostItems(const std::optional<std::string>& text) {
  std::size_t most = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), most);
  if (most >= 1 && most <= kMostItems) return most;
  return Error(ErrorCode::kBadInput, "a batch must have room for 1 to " + std::to_string(kMostItems) + " items");
}

// The same for items of lists. An item that is NULL is not asked for.
Result<Values> AnswerItems(sources::SourceRegistry& sources, const std::vector<engine::TextRow>& rows,
                           const engine::Limits& limits) {
  Values values(rows.size());
  for (const auto& [name, places] : BySource(rows)) {
    EIDER_ASSIGN_OR_RETURN(const auto service, sources.Http(name));
    std::vector<sources::HttpBatchItem> items;
    std::vector<std::size_t> asked;
    for (const std::size_t i : places) {
      EIDER_ASSIGN_OR_RETURN(const std::size_t most, MostItems(rows[i][kMost]));
      if (!rows[i][kItem]) continue;
      HttpCall call = CallOf(rows[i]);
      call.body.reset();
      items.push_back({std::move(call), *rows[i][kItem], most});
      asked.push_back(i);
    }
    EIDER_ASSIGN_OR_RETURN(auto answers, sources::CallInBatches(*service, items, limits));
    for (std::size_t k = 0; k < asked.size(); ++k) values[asked[k]] = std::move(answers[k]);
  }
  return values;
}

std::optional<std::string> Argument(const Value& arguments, const char* name) {
  const auto it = arguments.FindMember(name);
  if (it == arguments.MemberEnd() || it->value.IsNull()) return std::nullopt;
  return PlainTextOf(it->value);
}

// A JSON argument: a string that holds JSON text is that JSON (7.2), other values are themselves.
Result<std::optional<std::string>> Answer(sources::SourceRegistry& sources, const Value& arguments,
                                          const RequestContext& context) {
  engine::TextRow row;
  for (const char* name : {"source", "path", "method", "headers", "parameters", "body", "jq"}) {
    row.push_back(Argument(arguments, name));
  }
  engine::Limits limits{context.deadline, context.stop};
  limits.trace = context.trace;
  EIDER_ASSIGN_OR_RETURN(Values values, AnswerRows(sources, {std::move(row)}, limits));
  return std::move(values[0]);
}

}  // namespace

Status AddHttpFunctions(engine::Database& database, sources::SourceRegistry& sources) {
  engine::BatchFunction function;
  function.name = "http_data_source_request_scalar";
  function.parameters = kArguments;
  function.answer = [&sources](const std::vector<engine::TextRow>& calls, const engine::Limits& limits) {
    return AnswerRows(sources, calls, limits);
  };
  EIDER_RETURN_IF_ERROR(database.AddFunction(function));
  function.name = "eider_http_batch";
  function.parameters = kArguments + 1;
  function.answer = [&sources](const std::vector<engine::TextRow>& calls, const engine::Limits& limits) {
    return AnswerItems(sources, calls, limits);
  };
  EIDER_RETURN_IF_ERROR(database.AddFunction(function));
  EIDER_ASSIGN_OR_RETURN(const auto session, engine::Session::Open(database, {}));
  for (const std::string_view macro : {kRowsMacro, kBatchMacro}) {
    if (auto made = session->Run(macro); !made) return std::move(made).error();
  }
  return {};
}

void RegisterHttpFunctions(query::FunctionRegistry& functions, sources::SourceRegistry& sources) {
  functions.RegisterWaiting("core.http_data_source_request_scalar",
                            [&sources](const Value& arguments, const RequestContext& context) -> Result<std::string> {
                              EIDER_ASSIGN_OR_RETURN(auto answer, Answer(sources, arguments, context));
                              return std::move(answer).value_or("null");
                            });
  functions.RegisterWaiting("core.http_data_source_request",
                            [&sources](const Value& arguments, const RequestContext& context) -> Result<std::string> {
                              EIDER_ASSIGN_OR_RETURN(auto answer, Answer(sources, arguments, context));
                              if (!answer) return std::string("[]");
                              const bool is_list = (*answer)[answer->find_first_not_of(" \t\r\n")] == '[';
                              return is_list ? std::move(*answer) : "[" + *answer + "]";
                            });
}

}  // namespace eider::server
