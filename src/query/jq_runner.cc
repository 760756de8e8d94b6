#include "query/jq_runner.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>

#include "base/exact_number.h"
#include "base/text.h"

namespace eider::query {
namespace {

constexpr std::size_t kPrograms = 512;
constexpr std::size_t kProgramText = std::size_t{4} << 20;
constexpr int kMaxNesting = 4;  // Of requests inside programs inside requests.

bool IsName(std::string_view name) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
  return !name.empty() && name.find_first_not_of(kLetters) == std::string_view::npos &&
         (name[0] < '0' || name[0] > '9');
}

// Numbers whose digits were kept are numbers again.
class VariablesWriter : public rapidjson::Writer<rapidjson::StringBuffer> {
 public:
  using Writer::Writer;
  bool String(const char* text, rapidjson::SizeType size, bool copy = false) {
    const std::string_view digits = ExactNumber({text, size});
    return digits.empty() ? Writer::String(text, size, copy)
                          : Writer::RawValue(digits.data(), digits.size(), rapidjson::kNumberType);
  }
};

}  // namespace

void JqVariables::Add(std::string_view name, std::string value) {
  if (!IsName(name) || std::ranges::find(names, name) != names.end()) return;
  names.emplace_back(name);
  values.push_back(std::move(value));
}

void JqVariables::AddMembers(const rapidjson::Value& object) {
  if (!object.IsObject()) return;
  for (const auto& member : object.GetObject()) {
    Add({member.name.GetString(), member.name.GetStringLength()}, ToJsonText(member.value));
  }
}

std::string ToJsonText(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  VariablesWriter writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

Status TextSink::Write(std::string_view bytes) {
  if (text_.size() + bytes.size() > kMax) {
    return Error(ErrorCode::kResultTooLarge, "the answer is too large for a jq program; select less");
  }
  text_.append(bytes);
  return {};
}

Result<std::string> RunToText(Execution& execution, ExecutionStats* stats) {
  TextSink sink;
  if (const std::string* ready = execution.ready_body()) {
    sink.text() = *ready;
  } else {
    EIDER_RETURN_IF_ERROR(execution.Run(sink));
  }
  *stats = execution.stats();
  return std::move(sink.text());
}

JqRunner::JqRunner(QueryService& service, FindZone zone)
    : service_(service),
      zone_(std::move(zone)),
      programs_(kPrograms, kProgramText) {}

Result<std::shared_ptr<const jq::Program>> JqRunner::Compile(const std::string& text,
                                                             const std::vector<std::string>& names) {
  std::string key;
  for (const std::string& name : names) key.append(name).push_back(' ');
  key.append("|").append(text);
  if (auto known = programs_.Find(key)) return known;
  EIDER_ASSIGN_OR_RETURN(auto program, jq::Program::Compile(text, names));
  programs_.Put(std::move(key), program);
  return program;
}

namespace {

// Who asks, as `authInfo` tells it.
std::string IdentityJson(const auth::Identity& identity) {
  std::string json;
  const auto add = [&](std::string_view name, const std::string& value) {
    json.append(json.empty() ? "{\"" : ",\"").append(name).append("\":");
    AppendJsonString(json, value);
  };
  add("role", identity.role);
  add("userId", identity.user_id);
  add("userName", identity.user_name);
  add("authType", identity.auth_type);
  add("authProvider", identity.auth_provider);
  return json + "}";
}

}  // namespace

Result<std::string> JqRunner::Run(const jq::Program& program, std::string_view input,
                                  const std::vector<std::string>& values, const RequestContext& context,
                                  bool no_mutation) {
  const auto zone = zone_(context.time_zone);
  jq::RunOptions options;
  options.deadline = context.deadline;
  options.stop = context.stop;
  options.zone = zone.get();
  if (context.identity->auth_type != "anonymous") options.identity = IdentityJson(*context.identity);
  options.query = [&](const std::string& text, const std::string& variables) {
    return Query(text, variables, context, no_mutation);
  };
  EIDER_ASSIGN_OR_RETURN(auto outputs, program.Run(input, values, options));
  return jq::OneOutput(std::move(outputs));
}

Result<std::string> JqRunner::Query(const std::string& text, const std::string& variables,
                                    const RequestContext& context, bool no_mutation) {
  if (context.nesting >= kMaxNesting) return Error(ErrorCode::kBadInput, "requests are nested too deeply");
  RequestContext inner = context;
  ++inner.nesting;
  inner.explain = false;
  inner.core_changes = nullptr;
  GraphqlRequest request;
  request.query = text;
  request.no_mutation = no_mutation;
  if (!variables.empty()) request.variables.Parse<rapidjson::kParseIterativeFlag>(variables.data(), variables.size());
  if (request.variables.HasParseError()) return Error(ErrorCode::kBadInput, "the variables cannot be read");
  const auto execution = service_.Prepare(std::move(inner), std::move(request));
  ExecutionStats stats;
  return RunToText(*execution, &stats);
}

}  // namespace eider::query
