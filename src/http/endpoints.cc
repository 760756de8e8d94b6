#include "http/endpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <random>
#include <utility>

#include "auth/audit.h"
#include "config/load.h"
#include "http/caller.h"
#include "http/explorer.h"
#include "http/graphql_request.h"
#include "http/negotiate.h"

namespace eider::http {
namespace {

// A longer body is read by a pool's thread, so that the event loop's other connections do not wait.
constexpr std::size_t kReadInPlace = 64 << 10;
constexpr std::size_t kLongestKey = 200;

std::string RandomPrefix() {
  std::random_device random;
  return fmt::format("{:08x}-", random());
}

bool IsRequestId(std::string_view text) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return !text.empty() && text.size() <= 64 && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

Response NoContent() {
  Response response;
  response.status = 204;
  response.content_type = {};
  response.headers = "Allow: GET, HEAD, POST, OPTIONS\r\n";
  return response;
}

// The time limit of a request: the node's, or what the request asks for when that is less.
Result<Deadline> ChooseDeadline(std::string_view header, std::chrono::milliseconds limit) {
  std::chrono::milliseconds time = limit;
  if (!header.empty()) {
    auto wanted = config::ParseDuration(header);
    if (!wanted || wanted->count() == 0) {
      return Error(ErrorCode::kBadInput, "the header X-Eider-Timeout must be a duration such as 30s or 1500ms");
    }
    time = limit.count() == 0 ? *wanted : std::min(limit, *wanted);
  }
  return time.count() == 0 ? Deadline::Never() : Deadline::After(time);
}

void CountDecision(HttpMetrics& metrics, const auth::Decision& decision) {
  const std::string_view outcome = decision.status == 200   ? "accept"
                                   : decision.status == 401 ? "reject"
                                   : decision.status == 403 ? "forbid"
                                                            : "limit";
  metrics.CountAuth(decision.status == 200 ? std::string_view(decision.identity->auth_provider) : "none", outcome);
}

// The name that identities of the secret key bear.
constexpr std::string_view kSecretKeyProvider = "x-hugr-secret";

constexpr std::string_view kLeastSchema = "x-eider-min-schema-version";

}  // namespace

Endpoints::Endpoints(const ServerOptions& options, const ServerParts& parts, NodeHealth& health, HttpMetrics& metrics)
    : options_(options),
      guard_(options.allowed_origins, !options.needs_credentials),
      health_(health),
      metrics_(metrics),
      registry_(parts.metrics),
      run_environment_{parts.service,
                       parts.admission,
                       parts.query_pool,
                       parts.prepare_pool,
                       metrics,
                       parts.log,
                       options.max_queued_requests,
                       options.slow_query,
                       parts.live,
                       parts.history},
      remote_environment_{parts.streams, parts.find_node, parts.forward_pool, options.max_queued_requests,
                          options.forwards},
      authenticator_(parts.authenticator),
      proxies_(parts.proxies),
      audit_(parts.audit),
      tracer_(parts.tracer),
      identification_pool_(parts.identification_pool),
      node_gate_(parts.call_verifier, options.certificates != nullptr, metrics, parts.log),
      ping_(parts.ping),
      detail_(parts.health_detail),
      all_queries_(parts.all_queries),
      cancel_elsewhere_(parts.cancel_elsewhere),
      stale_(parts.stale),
      schema_version_(parts.schema_version),
      await_schema_(parts.await_schema),
      id_prefix_(RandomPrefix()) {}

std::string Endpoints::RequestId(const Request& request) {
  const std::string_view given = request.Header("x-request-id");
  return IsRequestId(given) ? std::string(given) : NewRequestId();
}

std::string Endpoints::NewRequestId() {
  std::string id = id_prefix_;
  fmt::format_to(std::back_inserter(id), "{:x}", last_id_.fetch_add(1, std::memory_order_relaxed) + 1);
  return id;
}

observe::Span Endpoints::BeginSpan(const Request& request, std::string_view request_id) const {
  const std::string_view path = request.path();
  // Those of a subscription are requests of their own.
  if ((!IsQueryPath(path) && path != "/ipc") || path == "/subscribe") return {};
  std::optional<observe::TraceContext> incoming;
  // Of several nobody knows which one is meant.
  if (request.Count("traceparent") == 1) {
    const std::string_view state = request.Count("tracestate") == 1 ? request.Header("tracestate") : "";
    incoming = observe::ParseTraceparent(request.Header("traceparent"), state);
  }
  if (tracer_ == nullptr && !incoming) return {};
  const bool is_known = request.method == "GET" || request.method == "POST" || request.method == "HEAD";
  const std::string name = (is_known ? request.method : "HTTP") + " " + std::string(path);
  auto span = observe::Span::Serve(tracer_, incoming, name);
  if (!span.is_recorded()) return span;
  span.Set("http.request.method", is_known ? request.method : "_OTHER");
  span.Set("url.path", path);
  span.Set("eider.request_id", request_id);
  return span;
}

std::optional<Response> Endpoints::Open(const Request& request) const {
  if (auto health = Health(request, false)) return health;
  const std::string_view refusal = guard_.Refusal(request);
  if (!refusal.empty()) return ErrorResponse(ErrorCode::kForbidden, refusal, true);
  if (health_.phase() >= Phase::kRefusing) {
    Response response = ErrorResponse(ErrorCode::kDraining, "the node is stopping", true);
    response.close = true;
    return response;
  }
  const std::string_view path = request.path();
  // With some of its sources a node would give wrong answers. Other nodes may call already.
  if (health_.phase() == Phase::kStarting && IsQueryPath(path)) {
    Response response = ErrorResponse(503, ErrorCode::kSchemaNotReady, "the node is starting; ask again soon", true);
    response.headers.append("Retry-After: 1\r\n");
    return response;
  }
  // A browser asks without credentials whether it may send them.
  if (request.method == "OPTIONS" && (path == "/query" || path == "/jq-query" || path == "/subscribe")) {
    return NoContent();
  }
  if (path != "/auth/config" || authenticator_ == nullptr) return std::nullopt;
  if (!request.is_read()) return NotAllowed(kReads);
  Response response;
  response.body = authenticator_->OidcJson();
  return response.body.empty() ? NotFound(path) : std::move(response);
}

Caller Endpoints::Identify(const Request& request, std::string_view request_id, const Origin& origin,
                           auth::Patience patience) const {
  Caller caller;
  if (auto answer = Open(request)) {
    caller.answer = std::move(*answer);
    return caller;
  }
  const std::string_view client =
      proxies_ == nullptr ? origin.address : proxies_->ClientOf(origin.address, request.LastHeader("x-forwarded-for"));
  if (NodeGate::IsNodeCall(request)) {
    caller = IdentifyNode(request, request_id, origin);
    if (!caller.answer) AwaitSchema(request, patience, caller);
    return caller;
  }
  return Authenticate(request, request_id, client, true, patience);
}

Caller Endpoints::Authenticate(const Request& request, std::string_view request_id, std::string_view client,
                               bool is_request, auth::Patience patience) const {
  Caller caller;
  caller.client_ip = client;
  if (authenticator_ == nullptr) {
    caller.identity = auth::Anonymous("admin");
    AwaitSchema(request, patience, caller);
    return caller;
  }
  auth::Decision decision =
      authenticator_->Decide(RequestCredentials(request), {client, request.path(), is_request}, patience);
  caller.must_wait = decision.must_wait;
  if (audit_ != nullptr) {
    const bool acts = decision.identity != nullptr && decision.identity->impersonated_by != nullptr;
    if (decision.status != 200 || (acts && is_request))
      auth::RecordDecision(*audit_, decision, RecordOf(request, request_id, client));
  }
  caller.headers = RateHeaders(decision);
  if (!decision.must_wait && (is_request || decision.status != 200)) CountDecision(metrics_, decision);
  if (decision.status != 200) {
    const std::string login = decision.status == 401 ? authenticator_->LoginUrl(request.target) : "";
    caller.answer = RefusalResponse(decision, login, WantsFullErrors(request), request_id);
  }
  caller.identity = std::move(decision.identity);
  caller.role = std::move(decision.role);
  if (!caller.answer && !caller.must_wait) caller.answer = Stale(*caller.identity);
  if (!caller.answer && !caller.must_wait) AwaitSchema(request, patience, caller);
  return caller;
}

Caller Endpoints::IdentifyWaiting(const Request& request, std::string_view request_id, const Origin& origin,
                                  const Caller& so_far) const {
  // The nonce of a node's call counts once.
  if (so_far.call == nullptr) return Identify(request, request_id, origin, auth::Patience::kMayWait);
  Caller caller = so_far;
  caller.must_wait = false;
  AwaitSchema(request, auth::Patience::kMayWait, caller);
  return caller;
}

void Endpoints::AwaitSchema(const Request& request, auth::Patience patience, Caller& caller) const {
  constexpr std::chrono::seconds kPatience{5};
  const std::string_view header = request.Header(kLeastSchema);
  if (header.empty()) return;
  std::uint64_t version = 0;
  const auto [end, failed] = std::from_chars(header.data(), header.data() + header.size(), version);
  if (failed != std::errc() || end != header.data() + header.size()) {
    caller.answer = ErrorResponse(ErrorCode::kBadInput, "the header X-Eider-Min-Schema-Version must be a number", true);
    return;
  }
  if (schema_version() >= version) return;
  if (patience == auth::Patience::kNone) {
    caller.must_wait = true;
    return;
  }
  if (await_schema_ && await_schema_(version, Deadline::After(kPatience))) return;
  caller.answer =
      ErrorResponse(503, ErrorCode::kSchemaNotReady,
                    fmt::format("the node serves version {} of the schema, not {}", schema_version(), version), true);
  caller.answer->headers.append("Retry-After: 1\r\n");
}

// Whoever holds the secret key needs no role's permissions.
std::optional<Response> Endpoints::Stale(const auth::Identity& identity) const {
  if (!stale_ || (identity.auth_provider == kSecretKeyProvider && identity.role == "admin") || !stale_()) {
    return std::nullopt;
  }
  return ErrorResponse(503, ErrorCode::kCoreUnavailable, "permissions are stale", true);
}

Answer Endpoints::Decide(Request& request, std::string_view request_id, Caller caller, std::function<void()> wake) {
  const std::string_view path = request.path();
  const auto asked = [&] {
    return Asked{request,
                 request_id,
                 std::move(caller.identity),
                 std::move(caller.client_ip),
                 std::move(caller.role),
                 std::move(wake),
                 std::move(caller.trace),
                 caller.call != nullptr};
  };
  Answer answer;
  if (caller.answer && caller.answer->status == 401 && MayIntroduceItself(request)) {
    answer = OpenWebSocket(asked(), false);
  } else if (caller.answer) {
    answer.response = std::move(*caller.answer);
  } else if (path == "/subscribe") {
    answer = SubscribePath(asked());
  } else if (path == "/query") {
    answer = Query(asked());
  } else if (path == "/jq-query") {
    answer = JqQuery(asked());
  } else if (path == "/ipc") {
    answer = Ipc(asked());
  } else if (IsForwardedPath(path)) {
    answer = Forwarded(asked());
  } else if (path == "/ipc/ping") {
    answer = Ping(request, caller.call != nullptr);
  } else if (path == "/api/debug/plan-key") {
    answer.response = PlanKey(request, request_id, caller.identity);
  } else if (path == "/health/detail") {
    answer.response = HealthDetail(request, *caller.identity);
  } else if (path == kQueriesPath || path.starts_with("/api/queries/")) {
    answer = LiveQueries(request, request_id, caller);
  } else if (auto metrics = MetricsPage(request)) {
    answer.response = std::move(*metrics);
  } else if (auto admin = Admin(request)) {
    answer.response = std::move(*admin);
  } else {
    answer.response = NotFound(path);
  }
  answer.call = std::move(caller.call);
  std::string& headers = answer.response ? answer.response->headers : answer.headers;
  headers.append(caller.headers);
  guard_.AppendHeaders(request, headers);
  return answer;
}

observe::AuditRecord Endpoints::RecordOf(const Request& request, std::string_view request_id,
                                         std::string_view client_ip) const {
  observe::AuditRecord record;
  record.request_id = request_id;
  record.client_ip = client_ip;
  record.protocol = "http";
  record.object = request.path().substr(0, kShownPath);
  return record;
}

Response Endpoints::AnswerService(const Request& request) {
  if (auto health = Health(request, true)) return std::move(*health);
  if (auto metrics = MetricsPage(request)) return std::move(*metrics);
  return NotFound(request.path());
}

std::optional<Response> Endpoints::Health(const Request& request, bool detailed) const {
  const std::string_view path = request.path();
  if (path != "/health" && path != "/health/live" && path != "/health/ready" && path != "/ready") return std::nullopt;
  if (!request.is_read()) return NotAllowed(kReads);
  return health_.Answer(path, detailed);
}

std::optional<Response> Endpoints::MetricsPage(const Request& request) const {
  if (request.path() != "/metrics") return std::nullopt;
  if (!request.is_read()) return NotAllowed(kReads);
  Response response;
  if (WantsOpenMetrics(request.Header("accept"))) {
    response.content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    response.body = registry_.ToText(observe::Metrics::Format::kOpenMetrics);
    return response;
  }
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = registry_.ToText();
  return response;
}

std::optional<Response> Endpoints::Admin(const Request& request) const {
  const std::string_view path = request.path();
  if (!options_.admin_ui) return std::nullopt;
  if (path != "/" && path != "/admin" && !path.starts_with("/admin/")) return std::nullopt;
  if (!request.is_read()) return NotAllowed(kReads);
  return AnswerExplorer(request, {options_.node_name, options_.version});
}

std::chrono::milliseconds Endpoints::TimeLimit(const auth::RoleFacts* role) const {
  const std::chrono::milliseconds node = options_.query_timeout;
  if (role == nullptr || !role->limits.query_timeout || role->limits.query_timeout->count() <= 0) return node;
  return node.count() == 0 ? *role->limits.query_timeout : std::min(node, *role->limits.query_timeout);
}

Result<Deadline> Endpoints::DeadlineOf(const Asked& asked) const {
  return ChooseDeadline(asked.request.Header("x-eider-timeout"), TimeLimit(asked.role.get()));
}

Result<query::RequestContext> Endpoints::Context(const Asked& asked) const {
  const Request& request = asked.request;
  query::RequestContext context;
  context.identity = asked.identity;
  EIDER_ASSIGN_OR_RETURN(context.deadline, DeadlineOf(asked));
  context.request_id = asked.request_id;
  context.client_ip = asked.client_ip;
  context.trace = asked.trace;
  context.of_node = asked.is_node_call && !IsForwardedPath(request.path());
  context.least_schema = request.Header(kLeastSchema);
  context.full_errors = WantsFullErrors(request);
  context.idempotency_key = request.Header("idempotency-key").substr(0, kLongestKey);
  context.explain = request.Header("x-eider-explain") == "true";
  context.time_zone = request.Header("x-hugr-timezone");
  if (context.time_zone.empty()) context.time_zone = request.Header("time-zone");
  if (IsJqPath(request.path())) {
    EIDER_ASSIGN_OR_RETURN(
        context.jq_caching,
        ReadCacheHeaders({request.Header("x-hugr-cache"), request.Header("x-hugr-cache-key"),
                          request.Header("x-hugr-cache-tags"), request.Header("x-hugr-cache-invalidate")}));
  }
  return context;
}

Answer Endpoints::Query(Asked asked) {
  const Request& request = asked.request;
  if (auto elsewhere = Elsewhere(asked)) return std::move(*elsewhere);
  if (WantsEvents(request.Header("accept")) && request.method != "HEAD") return OpenEvents(std::move(asked));
  Answer answer;
  if (request.method != "POST" && !request.is_read()) {
    answer.response =
        Refusal(request, asked.request_id, Error(ErrorCode::kBadInput, "unsupported method: " + request.method));
    return answer;
  }
  auto run = MakeRun(asked);
  if (!run) {
    answer.response = Refusal(request, asked.request_id, run.error());
    return answer;
  }
  answer.media_type = ChooseMediaType(request.Header("accept"));
  answer.full_errors = WantsFullErrors(request);
  answer.run = std::move(*run);
  return answer;
}

Answer Endpoints::JqQuery(Asked asked) {
  const Request& request = asked.request;
  if (auto elsewhere = Elsewhere(asked)) return std::move(*elsewhere);
  Answer answer;
  if (request.method != "POST") {
    answer.response = PlainError("unsupported method: " + request.method);
    return answer;
  }
  auto run = MakeRun(asked);
  if (!run) {
    answer.response = PlainError(run.error().message);
    return answer;
  }
  answer.plain_errors = true;
  answer.run = std::move(*run);
  return answer;
}

bool Endpoints::WantsFullErrors(const Request& request) const {
  return options_.full_errors || request.Header("x-eider-errors") == "full";
}

Response Endpoints::Refusal(const Request& request, std::string_view request_id, const Error& error) const {
  const bool full = WantsFullErrors(request);
  Response response = ErrorResponse(error.code, error.message, full);
  if (full) AddRequestId(response, request_id);
  return response;
}

Result<std::shared_ptr<QueryRun>> Endpoints::MakeRun(Asked& asked) {
  Request& request = asked.request;
  EIDER_ASSIGN_OR_RETURN(query::RequestContext context, Context(asked));
  BodyStream::Options stream;
  // What is signed before it goes out as it is.
  const bool as_it_is = asked.is_node_call && !IsForwardedPath(request.path());
  stream.encoding = as_it_is ? Encoding::kIdentity : ChooseEncoding(request.Header("accept-encoding"));
  stream.deadline = context.deadline;
  stream.write_timeout = options_.write_timeout;
  stream.wake = std::move(asked.wake);
  const auto read_body = IsJqPath(request.path()) ? ParseJqBody : ParseGraphqlBody;
  std::shared_ptr<QueryRun> run;
  if (request.method == "POST" && request.body.size() > kReadInPlace) {
    run = std::make_shared<QueryRun>(run_environment_, std::move(context), std::move(request.body), read_body,
                                     std::move(stream));
  } else {
    EIDER_ASSIGN_OR_RETURN(query::GraphqlRequest parsed, request.method == "POST"
                                                             ? read_body(request.body)
                                                             : ParseGraphqlParameters(request.query_string()));
    run = std::make_shared<QueryRun>(run_environment_, std::move(context), std::move(parsed), std::move(stream));
  }
  run->SetRole(std::move(asked.role));
  return run;
}

}  // namespace eider::http
