#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/browser_guard.h"
#include "http/caller.h"
#include "http/node_gate.h"
#include "http/node_health.h"
#include "http/query_run.h"
#include "http/remote_run.h"
#include "http/request.h"
#include "http/response.h"
#include "http/server.h"
#include "http/subscribe/subscriber.h"

namespace eider::http {

// A subscription that a request opens.
struct Opening {
  Subscriber subscriber;
  std::string accept;          // Of a WebSocket: what proves that its handshake was understood; empty = no WebSocket.
  bool is_known = true;        // Else the first message has to tell who subscribes.
  bool may_introduce = false;  // The first message may do so.
  query::GraphqlRequest request;  // Of an event stream.
  query::Delivery delivery = query::Delivery::kRows;
};

// What is done with a request: an answer that is known already, or a query whose body will come.
struct Answer {
  std::optional<Response> response;
  std::shared_ptr<AnswerRun> run;  // Not started yet.
  MediaType media_type = MediaType::kJson;
  bool plain_errors = false;                         // Failures are plain text.
  bool full_errors = false;                          // Failures tell their code and the request's id.
  std::shared_ptr<const cluster::CallVerdict> call;  // Signs the answer; null = nobody does.
  bool signs_at_end = false;                         // The signature of a long answer stands behind it.
  std::string headers;                               // For the head of the run's answer.
  std::function<Response()> errand = {};             // Makes `response`; may wait for others.
  std::unique_ptr<Opening> opening = nullptr;        // Instead of `response` and `run`.
};

// Knows every path of the HTTP interface and what answers it; knows no socket. Thread-safe, owned by the server.
class Endpoints {
 public:
  Endpoints(const ServerOptions& options, const ServerParts& parts, NodeHealth& health, HttpMetrics& metrics);

  // Tells who sends a request of the main listener. With Patience::kNone it does not block.
  Caller Identify(const Request& request, std::string_view request_id, const Origin& origin,
                  auth::Patience patience) const;

  // Goes on where that must wait: `so_far` is what it gave. Blocks.
  Caller IdentifyWaiting(const Request& request, std::string_view request_id, const Origin& origin,
                         const Caller& so_far) const;

  // Decides on a request of the main listener, whose body it may move away. `wake` is what a query's body stream calls.
  Answer Decide(Request& request, std::string_view request_id, Caller caller, std::function<void()> wake);

  // Answers a request of the service listener.
  Response AnswerService(const Request& request);

  // The span of a query, in the trace that its headers tell of. Tells nothing for other requests.
  observe::Span BeginSpan(const Request& request, std::string_view request_id) const;

  // The request's own id when it is well formed, else a new one.
  std::string RequestId(const Request& request);

  // A new request's id.
  std::string NewRequestId();

  // Who a subscriber is now, as keys and roles may have gone since. `is_request`: about to ask something, which counts
  // for its rate. With Patience::kNone it does not block.
  Caller Recognise(const Subscriber& subscriber, std::string_view request_id, bool is_request,
                   auth::Patience patience) const;

  // Begins what a subscriber asks for; takes CPU. `caller` was recognised.
  query::Subscribed Subscribe(Subscriber& subscriber, Caller caller, std::string_view request_id,
                              query::GraphqlRequest request, query::Delivery delivery);

  // The run of one request of a subscriber. `wake` is what its body stream calls.
  Result<std::shared_ptr<AnswerRun>> MakeRun(Subscriber& subscriber, Caller caller, std::string_view request_id,
                                             query::GraphqlRequest request, std::function<void()> wake);

  // The version of the schema that is served now.
  std::uint64_t schema_version() const {
    return schema_version_ ? schema_version_() : run_environment_.service.schema_version();
  }

  HttpMetrics& metrics() { return metrics_; }
  async::BlockingPool* identification_pool() { return identification_pool_; }
  async::BlockingPool& prepare_pool() { return run_environment_.prepare_pool; }

 private:
  static constexpr std::string_view kReads = "GET, HEAD";
  static constexpr std::string_view kQueriesPath = "/api/queries";
  static constexpr std::size_t kShownPath = 200;  // Bytes of a path in a record.

  static bool IsJqPath(std::string_view path) { return path == "/jq-query" || path == "/ipc/jq-query"; }
  // Where nodes send their clients' requests to.
  static bool IsForwardedPath(std::string_view path) { return path == "/ipc/query" || path == "/ipc/jq-query"; }
  static bool IsQueryPath(std::string_view path) {
    return path == "/query" || path == "/jq-query" || path == "/subscribe" || IsForwardedPath(path);
  }

  using Identity = std::shared_ptr<const auth::Identity>;
  struct Asked {
    Request& request;
    std::string_view request_id;
    Identity identity;
    std::string client_ip;
    std::shared_ptr<const auth::RoleFacts> role;
    std::function<void()> wake;
    observe::TraceRef trace;
    bool is_node_call = false;
  };

  // Who sends a request that is not another node's.
  Caller Authenticate(const Request& request, std::string_view request_id, std::string_view client, bool is_request,
                      auth::Patience patience) const;
  // Whether nobody is known yet, but may be by the first message.
  bool MayIntroduceItself(const Request& request) const;
  // A WebSocket, or the refusal of one.
  Answer OpenWebSocket(Asked asked, bool is_known) const;
  Answer SubscribePath(Asked asked) const;
  // An event stream.
  Answer OpenEvents(Asked asked) const;
  Subscriber SubscriberOf(Asked& asked, std::string_view protocol) const;
  Asked AskedBy(Subscriber& subscriber, std::string_view request_id, Caller caller) const;
  // What is done with a request for another node; nothing when this one is meant.
  std::optional<Answer> Elsewhere(Asked& asked) const;
  // A client's request that another node has sent on.
  Answer Forwarded(Asked asked);
  Answer Query(Asked asked);
  Answer JqQuery(Asked asked);
  Answer Ipc(Asked asked);
  Answer Ping(const Request& request, bool is_node_call) const;
  // The refusal of requests whose permissions may have been revoked; nothing while they are known.
  std::optional<Response> Stale(const auth::Identity& identity) const;
  // Waits for the schema version that the request asks for, if any; the refusal stands in `caller`.
  void AwaitSchema(const Request& request, auth::Patience patience, Caller& caller) const;
  Caller IdentifyNode(const Request& request, std::string_view request_id, const Origin& origin) const;
  bool WantsFullErrors(const Request& request) const;
  Response Refusal(const Request& request, std::string_view request_id, const Error& error) const;
  Result<std::shared_ptr<QueryRun>> MakeRun(Asked& asked);
  // How long a request of the role may take; 0 = any time.
  std::chrono::milliseconds TimeLimit(const auth::RoleFacts* role) const;
  Result<Deadline> DeadlineOf(const Asked& asked) const;
  Result<query::RequestContext> Context(const Asked& asked) const;
  // The answer to what needs no identity; nothing for other requests.
  std::optional<Response> Open(const Request& request) const;
  std::optional<Response> Health(const Request& request, bool detailed) const;
  std::optional<Response> MetricsPage(const Request& request) const;
  std::optional<Response> Admin(const Request& request) const;
  Response HealthDetail(const Request& request, const auth::Identity& viewer) const;
  // A record with what is known of the request.
  observe::AuditRecord RecordOf(const Request& request, std::string_view request_id, std::string_view client_ip) const;
  // That of an attempt to end a query.
  observe::AuditRecord KillRecord(const Request& request, std::string_view request_id, const Caller& caller) const;
  void RecordKill(observe::AuditRecord record, bool done) const;
  // What the plans of a document are told apart by, so that nodes can be compared.
  Response PlanKey(const Request& request, std::string_view request_id,
                   const std::shared_ptr<const auth::Identity>& viewer);
  // Lists the queries that run, or ends one, here or on all nodes.
  Answer LiveQueries(const Request& request, std::string_view request_id, const Caller& caller) const;
  Answer ListQueries(const Request& request, const std::shared_ptr<const auth::Identity>& viewer) const;
  Answer EndQuery(const Request& request, std::string_view request_id, const Caller& caller) const;

  const ServerOptions& options_;
  const BrowserGuard guard_;
  NodeHealth& health_;
  HttpMetrics& metrics_;
  observe::Metrics& registry_;
  RunEnvironment run_environment_;
  RemoteEnvironment remote_environment_;
  auth::Authenticator* const authenticator_;
  const auth::TrustedProxies* const proxies_;
  observe::AuditLog* const audit_;
  observe::Tracer* const tracer_;
  async::BlockingPool* const identification_pool_;
  const NodeGate node_gate_;
  const std::function<std::string()> ping_;
  const std::function<std::string()> detail_;
  const std::function<std::string(const auth::Identity&)> all_queries_;
  const std::function<bool(const auth::Identity&, const std::string&)> cancel_elsewhere_;
  const std::function<bool()> stale_;
  const std::function<std::uint64_t()> schema_version_;
  const std::function<bool(std::uint64_t, const Deadline&)> await_schema_;
  const std::string id_prefix_;
  std::atomic<std::uint64_t> last_id_ = 0;
};

}  // namespace eider::http
