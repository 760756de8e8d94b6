#include "cli/cluster_client.h"

#include <cstdio>
#include <utility>

#include "base/graphql_answer.h"
#include "base/text.h"
#include "cli/http_client.h"
#include "config/load.h"

namespace eider::cli {
namespace {

constexpr auto kTimeout = std::chrono::seconds(10);

// The node of this machine that listens at `bind`.
std::string LocalEndpoint(const std::string& bind) {
  const std::size_t colon = bind.rfind(':');
  const std::string host = colon == std::string::npos ? bind : bind.substr(0, colon);
  const std::string port = colon == std::string::npos ? "15000" : bind.substr(colon + 1);
  const bool is_any = host.empty() || host == "0.0.0.0" || host == "[::]" || host == "*";
  return "http://" + (is_any ? "127.0.0.1" : host) + ":" + port;
}

ErrorCode CodeNamed(const std::string& name, long status) {
  for (const ErrorCode code :
       {ErrorCode::kNotFound, ErrorCode::kForbidden, ErrorCode::kUnauthenticated, ErrorCode::kTimeout,
        ErrorCode::kOverloaded, ErrorCode::kDraining, ErrorCode::kSchemaNotReady, ErrorCode::kCoreUnavailable}) {
    if (name == ErrorCodeName(code)) return code;
  }
  if (status == 401) return ErrorCode::kUnauthenticated;
  if (status == 403) return ErrorCode::kForbidden;
  return status == 503 ? ErrorCode::kOverloaded : ErrorCode::kInternal;
}

}  // namespace

std::vector<Flag> ClusterFlagsOf(ClusterFlags& flags) {
  return {
      {"endpoint", "URL", "the node to ask (default: this machine's, by BIND)", &flags.endpoint},
      {"timeout", "DURATION", "how long to wait for it (default 10s)", &flags.timeout},
      {"json", "", "print a JSON object", &flags.json},
      {"output", "FORMAT", "json is the same as --json; text is the default", &flags.output},
  };
}

Result<ClusterClient> ClusterClient::Open(const ClusterFlags& flags) {
  if (!flags.output.empty() && flags.output != "json" && flags.output != "text") {
    return Error(ErrorCode::kBadInput, "unknown output \"" + flags.output + "\": json or text");
  }
  EIDER_ASSIGN_OR_RETURN(config::Loaded loaded, config::Load({}));
  ClusterClient client;
  client.config_ = std::move(loaded.config);
  auto timeout = std::chrono::milliseconds(kTimeout);
  if (!flags.timeout.empty()) {
    EIDER_ASSIGN_OR_RETURN(timeout, config::ParseDuration(flags.timeout));
  }
  client.timeout_ms_ = static_cast<long>(timeout.count());
  const std::string given = flags.endpoint.empty() ? LocalEndpoint(client.config_.bind) : QueryEndpoint(flags.endpoint);
  client.endpoint_ = given.substr(0, given.find('/', given.find("://") + 3));
  if (!client.config_.secret_key.empty()) {
    client.headers_.push_back("x-hugr-secret-key: " + client.config_.secret_key);
  } else if (client.config_.cluster_enabled && !client.config_.cluster_secret.empty()) {
    client.headers_.push_back("x-hugr-secret: " + client.config_.cluster_secret);
  }
  return client;
}

Result<ClusterClient::Answer> ClusterClient::Get(const std::string& path) const {
  EIDER_ASSIGN_OR_RETURN(HttpAnswer answer, GetText(endpoint_ + path, headers_, timeout_ms_));
  return Answer{answer.status, std::move(answer.body)};
}

Result<std::shared_ptr<const rapidjson::Document>> ClusterClient::Ask(const std::string& query,
                                                                      const std::string& variables) const {
  std::string body = "{\"query\":";
  AppendJsonString(body, query);
  body.append(",\"variables\":").append(variables).append("}");
  std::vector<std::string> headers = headers_;
  headers.emplace_back("X-Eider-Errors: full");
  EIDER_ASSIGN_OR_RETURN(const HttpAnswer answer, PostJson(endpoint_ + "/query", body, headers, timeout_ms_));
  if (answer.status == 401) {
    return Error(ErrorCode::kUnauthenticated,
                 endpoint_ + " does not know the credential: set SECRET_KEY, or CLUSTER_SECRET, as the node has it");
  }
  const auto json = std::make_shared<rapidjson::Document>();
  json->Parse(answer.body.data(), answer.body.size());
  if (json->HasParseError() || !json->IsObject()) {
    return Error(ErrorCode::kInternal,
                 endpoint_ + " answers " + std::to_string(answer.status) + ", and that is no JSON");
  }
  if (const auto error = FirstErrorOf(*json)) {
    return Error(CodeNamed(error->code, answer.status), error->message.empty() ? "the node refuses" : error->message);
  }
  if (!json->HasMember("data")) return Error(ErrorCode::kInternal, endpoint_ + " answers without data");
  return std::shared_ptr<const rapidjson::Document>(json);
}

int ClusterExitOf(const Error& error) {
  switch (error.code) {
    case ErrorCode::kUnauthenticated: return kNotAuthenticated;
    case ErrorCode::kNotFound: return kNoSuchThing;
    case ErrorCode::kForbidden: return kNotPermitted;
    case ErrorCode::kBadInput:
    case ErrorCode::kValidation: return kRefusedInput;
    case ErrorCode::kSourceUnavailable: return kNoNode;
    case ErrorCode::kOverloaded:
    case ErrorCode::kDraining:
    case ErrorCode::kSchemaNotReady:
    case ErrorCode::kCoreUnavailable: return kPrecondition;
    case ErrorCode::kTimeout: return kUnknownOutcome;
    default: return kInternalError;
  }
}

int TellFailure(const std::string& command, const Error& error, bool as_json) {
  const int code = ClusterExitOf(error);
  if (!as_json) {
    std::fprintf(stderr, "eider %s: %s\n", command.c_str(), error.message.c_str());
    return code;
  }
  std::string json = "{\"error\":";
  AppendJsonString(json, ErrorCodeName(error.code));
  json.append(",\"message\":");
  AppendJsonString(json, error.message);
  std::printf("%s,\"exit_code\":%d}\n", json.c_str(), code);
  return code;
}

}  // namespace eider::cli
