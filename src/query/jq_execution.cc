#include "query/jq_execution.h"

#include "base/text.h"
#include "query/error_body.h"

namespace eider::query {
namespace {

constexpr const char* kProgram = "_jq";

// The messages of an answer with errors, one a line.
std::string Messages(const std::string& body) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(body.data(), body.size());
  std::string text;
  if (document.HasParseError() || !document.IsObject() || !document.HasMember("errors")) return text;
  for (const auto& error : document["errors"].GetArray()) {
    if (!text.empty()) text.push_back('\n');
    const auto& message = error["message"];
    text.append(message.GetString(), message.GetStringLength());
  }
  return text;
}

Error Prefixed(const char* prefix, Error error) {
  // A limit of the request is told as always.
  if (error.code == ErrorCode::kBadInput) error.message.insert(0, prefix);
  return error;
}

}  // namespace

bool ComputesVariables(const GraphqlRequest& request) {
  if (!request.variables.IsObject()) return false;
  const auto found = request.variables.FindMember(kProgram);
  return found != request.variables.MemberEnd() && found->value.IsString();
}

JqExecution::JqExecution(QueryService& service, JqRunner& runner, const CacheParts& cache, RequestContext context,
                         GraphqlRequest request)
    : service_(service),
      runner_(runner),
      cache_(cache),
      context_(std::move(context)),
      request_(std::move(request)) {}

Status JqExecution::Run(ResponseSink& sink) {
  if (ComputesVariables(request_)) {
    if (Status done = ComputeVariables(); !done) return Refuse(sink, done.error());
  }
  if (!request_.jq) return RunPlain(sink);
  const auto wanted = Wanted();
  return wanted == nullptr ? RunThrough(sink) : RunKept(sink, *wanted);
}

Status JqExecution::ComputeVariables() {
  auto& variables = request_.variables;
  const auto member = variables.FindMember(kProgram);
  const std::string text(member->value.GetString(), member->value.GetStringLength());
  variables.RemoveMember(member);
  auto program = runner_.Compile(text, {});
  if (!program) return Prefixed("variables: jq compile error: ", std::move(program).error());
  const bool no_mutation = request_.no_mutation || request_.over_get;
  auto computed = runner_.Run(**program, ToJsonText(variables), {}, context_, no_mutation);
  if (!computed) return Prefixed("variables: jq execution error: ", std::move(computed).error());
  rapidjson::Document result(&variables.GetAllocator());
  result.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag>(computed->data(), computed->size());
  if (result.HasParseError() || !result.IsObject()) {
    return Error(ErrorCode::kBadInput, "variables: the jq program must give one object");
  }
  for (auto& given : result.GetObject()) {
    variables.RemoveMember(given.name);
    variables.AddMember(given.name, given.value, variables.GetAllocator());
  }
  return {};
}

Status JqExecution::RunPlain(ResponseSink& sink) {
  const auto execution = service_.Prepare(std::move(context_), std::move(request_));
  const std::string* ready = execution->ready_body();
  Status done = ready != nullptr ? sink.Write(*ready) : execution->Run(sink);
  stats_ = execution->stats();
  return done;
}

Status JqExecution::RunThrough(ResponseSink& sink) {
  const std::string text = *request_.jq;
  const bool untouched = text.empty() || request_.validate_only;
  JqVariables variables;
  variables.AddMembers(request_.variables);
  GraphqlRequest request = std::move(request_);
  request.jq.reset();
  request_ = GraphqlRequest();
  request_.jq = text;
  request_.no_mutation = request.no_mutation;
  const RequestContext context = context_;
  const auto execution = service_.Prepare(std::move(context_), std::move(request));
  context_ = context;
  auto answer = RunToText(*execution, &stats_);
  if (!answer) return Refuse(sink, answer.error());
  if (stats_.has_errors) {
    stats_.is_text = true;
    return sink.Write(Messages(*answer));
  }
  sink.NoteCache(stats_.cache);
  if (untouched) return sink.Write(*answer);
  auto result = Transform(text, *answer, variables);
  return result ? sink.Write(*result) : Refuse(sink, result.error());
}

Result<std::string> JqExecution::Transform(const std::string& program, const std::string& answer,
                                           const JqVariables& variables) {
  auto compiled = runner_.Compile(program, variables.names);
  if (!compiled) return Prefixed("JQ compiler: ", std::move(compiled).error());
  auto result = runner_.Run(**compiled, answer, variables.values, context_, request_.no_mutation);
  if (!result) return Prefixed("JQ transform: ", std::move(result).error());
  return result;
}

Status JqExecution::Refuse(ResponseSink& sink, const Error& error) {
  stats_.has_errors = true;
  stats_.error_code = ErrorCodeName(error.code);
  stats_.is_text = request_.jq.has_value();
  return sink.Write(stats_.is_text ? RedactSecrets(error.ToString())
                                   : FullErrors(ErrorBody(error), error.code, context_));
}

}  // namespace eider::query
