#include "sources/http/http_service.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "fetch/url.h"
#include "observe/span.h"
#include "sources/http/http_body.h"
#include "sources/http/json_text.h"

namespace eider::sources {
namespace {

constexpr std::size_t kShownAnswer = 500;  // Bytes of an answer in a message.
constexpr std::size_t kPrograms = 256;

// The beginning of an answer on one line, cut between characters.
std::string Excerpt(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_space = c >= 0 && c <= 0x20;
    if (is_space && (out.empty() || out.back() == ' ')) continue;
    const bool starts_character = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    if (out.size() >= kShownAnswer && starts_character) return out + "…";
    out.push_back(is_space || c == 0x7F ? ' ' : c);
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

// Tells how the requests of `span` ended: the first that failed, else the last.
void EndSpan(const std::vector<Result<fetch::Response>>& results, observe::Span& span) {
  for (const auto& result : results) {
    if (!result) {
      span.Set("error.type", ErrorCodeName(result.error().code));
      span.Fail();
      return;
    }
  }
  const int status = results.back()->status;
  span.Set("http.response.status_code", std::int64_t{status});
  if (status >= 400) span.Fail();
}

bool IsBlank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

bool IsJsonNull(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && text.substr(start).starts_with("null");
}

void ReplaceAll(std::string& text, const std::string& what) {
  if (what.size() < 3) return;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 3)) {
    text.replace(at, what.size(), "***");
  }
}

}  // namespace

HttpService::HttpService(std::string name, HttpOptions options, HttpServiceParts parts)
    : name_(std::move(name)),
      options_(std::move(options)),
      client_(std::move(parts.client)),
      peer_(std::make_shared<fetch::Peer>(options_.peer)),
      breaker_(std::move(parts.breaker)),
      guard_({.callers = parts.defaults.max_callers}) {}

Result<std::shared_ptr<HttpService>> HttpService::Open(std::string name, std::string_view path,
                                                       HttpServiceParts parts) {
  EIDER_ASSIGN_OR_RETURN(HttpOptions options, ParseHttpPath(path, parts.defaults.peer));
  EIDER_ASSIGN_OR_RETURN(HttpSecurity security, ParseHttpSecurity(options.security));
  EIDER_ASSIGN_OR_RETURN(const std::string spec_url, options.SpecUrl());
  if (!security.is_complete && spec_url.empty()) {
    return Error(ErrorCode::kBadInput, "x-hugr-security: give type, or a document that knows its schema_name");
  }
  if (security.type == HttpSecurity::Type::kNone && security.is_complete && !options.user.empty()) {
    security.type = HttpSecurity::Type::kBasic;
    security.username = options.user;
    security.password = options.password;
  }
  std::shared_ptr<HttpService> service(new HttpService(std::move(name), std::move(options), std::move(parts)));
  EIDER_RETURN_IF_ERROR(service->SetSecurity(std::move(security)));
  return service;
}

Status HttpService::SetSecurity(HttpSecurity security) {
  auto credentials = std::make_shared<Credentials>();
  if (security.type == HttpSecurity::Type::kOauth2) {
    EIDER_ASSIGN_OR_RETURN(const std::string url, fetch::ResolveUrl(options_.base_url + "/", security.token_url));
    credentials->tokens = std::make_shared<TokenStore>(security, options_.base_url, *client_, peer_);
  }
  credentials->security = std::move(security);
  MutexLock lock(mutex_);
  credentials_ = std::move(credentials);
  return {};
}

// A document may be written by somebody else than who wrote the secrets down; it must not say where they go.
Status HttpService::CheckTokenHost(const HttpSecurity& security, bool is_own) const {
  if (is_own || security.type != HttpSecurity::Type::kOauth2) return {};
  EIDER_ASSIGN_OR_RETURN(const fetch::Url server, fetch::ParseUrl(options_.base_url));
  for (const std::string* text : {&security.token_url, &security.refresh_url}) {
    EIDER_ASSIGN_OR_RETURN(const std::string absolute, fetch::ResolveUrl(options_.base_url + "/", *text));
    EIDER_ASSIGN_OR_RETURN(const fetch::Url url, fetch::ParseUrl(absolute));
    if (url.origin() == server.origin()) continue;
    return Error(ErrorCode::kBadInput, "the document wants tokens fetched from another host, " + url.Shown() +
                                           "; if that is right, give flows with this tokenUrl in x-hugr-security");
  }
  return {};
}

Status HttpService::UseSchemes(const rapidjson::Value* schemes) {
  const auto present = GetCredentials();
  if (present->security.scheme_name.empty()) return {};
  EIDER_ASSIGN_OR_RETURN(const HttpSecurity own, ParseHttpSecurity(options_.security));
  if (own.is_complete) return {};
  static const rapidjson::Value kNone(rapidjson::kObjectType);
  EIDER_ASSIGN_OR_RETURN(HttpSecurity security,
                         CompleteSecurity(options_.security, schemes == nullptr ? &kNone : schemes));
  const bool gives_url = options_.security.find("tokenUrl") != std::string::npos;
  EIDER_RETURN_IF_ERROR(CheckTokenHost(security, gives_url));
  return SetSecurity(std::move(security));
}

std::shared_ptr<const HttpService::Credentials> HttpService::GetCredentials() const {
  MutexLock lock(mutex_);
  return credentials_;
}

std::string HttpService::WithoutSecrets(std::string text) const {
  const auto credentials = GetCredentials();
  for (const std::string& secret : credentials->security.Secrets()) ReplaceAll(text, secret);
  if (credentials->tokens != nullptr) {
    for (const std::string& secret : credentials->tokens->Secrets()) ReplaceAll(text, secret);
  }
  ReplaceAll(text, options_.password);
  return text;
}

// One for all requests, which tell the server what they belong to.
observe::Span HttpService::BeginSpan(std::vector<fetch::Request>& requests, const engine::Limits& limits) const {
  observe::Span span(limits.trace, "http source", observe::SpanKind::kClient);
  if (limits.trace == nullptr) return span;
  for (fetch::Request& request : requests) {
    if (FindHeader(request.headers, "traceparent") != nullptr) continue;  // The query's own.
    for (std::string& header : observe::TraceHeaders(span.point())) request.headers.push_back(std::move(header));
  }
  span.Set("eider.source", name_);
  span.Set("http.request.method", requests.front().method);
  span.Set("eider.requests", static_cast<std::int64_t>(requests.size()));
  return span;
}

Result<std::vector<fetch::Response>> HttpService::Send(std::vector<fetch::Request> requests,
                                                       const engine::Limits& limits) {
  if (requests.empty()) return std::vector<fetch::Response>();
  EIDER_ASSIGN_OR_RETURN(auto attempt, breaker_->Admit());
  if (const Status entered = guard_.Enter(); !entered) {
    return Error(entered.error().code, "data source \"" + name_ + "\": " + entered.error().message);
  }
  observe::Span span = BeginSpan(requests, limits);
  auto results = client_->SendAll(peer_, std::move(requests), limits.deadline, limits.stop);
  guard_.Leave();
  EndSpan(results, span);
  std::vector<fetch::Response> responses;
  for (auto& result : results) {
    if (result) {
      responses.push_back(std::move(*result));
      continue;
    }
    if (result.error().code == ErrorCode::kSourceUnavailable) attempt.Failed(result.error());
    return Error(result.error().code, result.error().code == ErrorCode::kSourceUnavailable
                                          ? "data source \"" + name_ + "\": " + result.error().message
                                          : result.error().message);
  }
  attempt.Succeeded();
  return responses;
}

Result<std::vector<fetch::Response>> HttpService::Exchange(const std::vector<fetch::Request>& requests,
                                                           const engine::Limits& limits) {
  const auto credentials = GetCredentials();
  std::string token;
  if (credentials->tokens != nullptr) {
    EIDER_ASSIGN_OR_RETURN(token, credentials->tokens->Get("", limits));
  }
  const auto signed_request = [&](fetch::Request request) {
    ApplySecurity(credentials->security, request);
    if (!token.empty()) ApplyToken(token, request);
    return request;
  };
  std::vector<fetch::Request> first;
  std::ranges::transform(requests, std::back_inserter(first), signed_request);
  EIDER_ASSIGN_OR_RETURN(auto responses, Send(std::move(first), limits));
  if (token.empty()) return responses;

  std::vector<std::size_t> refused;
  for (std::size_t i = 0; i < responses.size(); ++i) {
    if (responses[i].status == 401) refused.push_back(i);
  }
  if (refused.empty()) return responses;
  EIDER_ASSIGN_OR_RETURN(token, credentials->tokens->Get(token, limits));
  std::vector<fetch::Request> again;
  for (const std::size_t i : refused) again.push_back(signed_request(requests[i]));
  EIDER_ASSIGN_OR_RETURN(auto renewed, Send(std::move(again), limits));
  for (std::size_t k = 0; k < refused.size(); ++k) responses[refused[k]] = std::move(renewed[k]);
  return responses;
}

Result<std::shared_ptr<const jq::Program>> HttpService::ProgramOf(const std::string& text) {
  {
    MutexLock lock(mutex_);
    if (const auto it = programs_.find(text); it != programs_.end()) return it->second;
  }
  auto program = jq::Program::Compile(text, {});
  if (!program) return Error(ErrorCode::kBadInput, "JQ compiler: " + program.error().message);
  MutexLock lock(mutex_);
  if (programs_.size() >= kPrograms) programs_.clear();
  programs_[text] = *program;
  return program;
}

Result<std::optional<std::string>> HttpService::Read(fetch::Response& response, const HttpCall& call,
                                                     const engine::Limits& limits) {
  if (response.status == 204) return std::optional<std::string>();
  if (response.status != 200) {
    return Error(ErrorCode::kBadInput, ErrorSource::kDependency,
                 "request failed with status code " + std::to_string(response.status) + ": " +
                     Excerpt(WithoutSecrets(std::move(response.body))));
  }
  if (const Status json =
          IsBlank(response.body) ? Error(ErrorCode::kBadInput, "it is empty") : CheckJson(response.body);
      !json) {
    const std::string type = response.content_type.empty() ? "none" : response.content_type;
    return Error(ErrorCode::kBadInput, ErrorSource::kDependency,
                 "data source \"" + name_ + "\": the answer to " + call.method + " " + fetch::ShownUrl(call.path) +
                     " is no JSON (content type " + WithoutSecrets(type) + "): " + json.error().message);
  }
  if (!call.jq.empty()) {
    EIDER_ASSIGN_OR_RETURN(const auto program, ProgramOf(call.jq));
    jq::RunOptions options;
    options.deadline = limits.deadline;
    options.stop = limits.stop;
    auto outputs = program->Run(response.body, {}, options);
    if (!outputs && outputs.error().code == ErrorCode::kBadInput) {
      return Error(ErrorCode::kBadInput, "JQ transform: " + WithoutSecrets(outputs.error().message));
    }
    if (!outputs) return std::move(outputs).error();
    response.body = jq::OneOutput(std::move(*outputs));
  }
  if (IsJsonNull(response.body)) return std::optional<std::string>();
  return std::optional<std::string>(std::move(response.body));
}

Result<std::vector<std::optional<std::string>>> HttpService::Call(const std::vector<HttpCall>& calls,
                                                                  const engine::Limits& limits) {
  std::vector<fetch::Request> requests;
  for (const HttpCall& call : calls) {
    if (!call.jq.empty()) EIDER_RETURN_IF_ERROR(ProgramOf(call.jq));  // Before anything is sent.
    EIDER_ASSIGN_OR_RETURN(fetch::Request request, BuildRequest(options_, call));
    requests.push_back(std::move(request));
  }
  EIDER_ASSIGN_OR_RETURN(auto responses, Exchange(requests, limits));
  std::vector<std::optional<std::string>> values;
  for (std::size_t i = 0; i < responses.size(); ++i) {
    EIDER_ASSIGN_OR_RETURN(auto value, Read(responses[i], calls[i], limits));
    values.push_back(std::move(value));
  }
  return values;
}

Result<std::optional<HttpService::Document>> HttpService::ReadDocument(const engine::Limits& limits) {
  Document document;
  EIDER_ASSIGN_OR_RETURN(document.url, options_.SpecUrl());
  if (document.url.empty()) return std::optional<Document>();
  fetch::Request request;
  request.url = document.url;
  request.headers = {"Accept: application/json, application/yaml, text/yaml, */*;q=0.5"};
  EIDER_ASSIGN_OR_RETURN(const fetch::Url there, fetch::ParseUrl(document.url));
  EIDER_ASSIGN_OR_RETURN(const fetch::Url server, fetch::ParseUrl(options_.base_url));
  const bool is_server = there.origin() == server.origin();
  EIDER_ASSIGN_OR_RETURN(auto responses, is_server&& GetCredentials()->security.is_complete
                                             ? Exchange({request}, limits)
                                             : Send({request}, limits));
  if (responses[0].status != 200) {
    return Error(ErrorCode::kSourceUnavailable, "the OpenAPI document cannot be read: " + there.Shown() +
                                                    " answers with status " + std::to_string(responses[0].status));
  }
  document.text = std::move(responses[0].body);
  return std::optional<Document>(std::move(document));
}

}  // namespace eider::sources
