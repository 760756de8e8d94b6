#include "server/http_functions.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <map>

#include "engine/batch_function.h"
#include "engine/session.h"
#include "sources/http/http_service.h"

namespace eider::server {
namespace {

using query::RequestContext;
using rapidjson::Value;
using sources::HttpCall;
using Values = std::vector<std::optional<std::string>>;

// The arguments in SQL: source, path, method, headers, parameters, body, jq.
constexpr int kArguments = 7;

// A row for each item of a list, or one for anything else.
constexpr std::string_view kRowsMacro =
    "CREATE OR REPLACE MACRO http_data_source_request(source, path, method, headers, parameters, body, jq) AS TABLE "
    "SELECT unnest(CASE WHEN json_type(j) = 'ARRAY' THEN json_extract(j, '$[*]') ELSE [j] END) AS value FROM "
    "(SELECT http_data_source_request_scalar(source, path, method, headers, parameters, body, jq) AS j) "
    "WHERE j IS NOT NULL";

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

// Calls of one statement, sent source by source. Without source, path or method there is nothing to ask.
Result<Values> AnswerRows(sources::SourceRegistry& sources, const std::vector<engine::TextRow>& rows,
                          const engine::Limits& limits) {
  std::map<std::string, std::vector<std::size_t>> by_source;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i][0] && rows[i][1] && rows[i][2]) by_source[*rows[i][0]].push_back(i);
  }
  Values values(rows.size());
  for (const auto& [name, places] : by_source) {
    EIDER_ASSIGN_OR_RETURN(const auto service, sources.Http(name));
    std::vector<HttpCall> calls;
    for (const std::size_t i : places) calls.push_back(CallOf(rows[i]));
    EIDER_ASSIGN_OR_RETURN(auto answers, service->Call(calls, limits));
    for (std::size_t k = 0; k < places.size(); ++k) values[places[k]] = std::move(answers[k]);
  }
  return values;
}

std::string TextOf(const Value& value) {
  if (value.IsString()) return {value.GetString(), value.GetStringLength()};
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

std::optional<std::string> Argument(const Value& arguments, const char* name) {
  const auto it = arguments.FindMember(name);
  if (it == arguments.MemberEnd() || it->value.IsNull()) return std::nullopt;
  return TextOf(it->value);
}

// A JSON argument: a string that holds JSON text is that JSON (7.2), other values are themselves.
Result<std::optional<std::string>> Answer(sources::SourceRegistry& sources, const Value& arguments,
                                          const RequestContext& context) {
  engine::TextRow row;
  for (const char* name : {"source", "path", "method", "headers", "parameters", "body", "jq"}) {
    row.push_back(Argument(arguments, name));
  }
  EIDER_ASSIGN_OR_RETURN(Values values, AnswerRows(sources, {std::move(row)}, {context.deadline, context.stop}));
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
  EIDER_ASSIGN_OR_RETURN(const auto session, engine::Session::Open(database, {}));
  if (auto made = session->Run(kRowsMacro); !made) return std::move(made).error();
  return {};
}

void RegisterHttpFunctions(query::FunctionRegistry& functions, sources::SourceRegistry& sources) {
  functions.Register("core.http_data_source_request_scalar",
                     [&sources](const Value& arguments, const RequestContext& context) -> Result<std::string> {
                       EIDER_ASSIGN_OR_RETURN(auto answer, Answer(sources, arguments, context));
                       return std::move(answer).value_or("null");
                     });
  functions.Register("core.http_data_source_request",
                     [&sources](const Value& arguments, const RequestContext& context) -> Result<std::string> {
                       EIDER_ASSIGN_OR_RETURN(auto answer, Answer(sources, arguments, context));
                       if (!answer) return std::string("[]");
                       const bool is_list = (*answer)[answer->find_first_not_of(" \t\r\n")] == '[';
                       return is_list ? std::move(*answer) : "[" + *answer + "]";
                     });
}

}  // namespace eider::server
