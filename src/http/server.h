#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "async/admission.h"
#include "async/blocking_pool.h"
#include "auth/authenticator.h"
#include "auth/client_address.h"
#include "auth/live_queries.h"
#include "base/deadline.h"
#include "base/result.h"
#include "cluster/link/call_verifier.h"
#include "cluster/link/peer_streams.h"
#include "http/remote_run.h"
#include "observe/audit_log.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "observe/query_history.h"
#include "observe/tracer.h"
#include "query/service.h"
#include "tls/node_certificates.h"

namespace eider::http {

// What subscribers may do.
struct SubscribeOptions {
  std::size_t max_connections = 10'000;  // WebSockets.
  std::size_t max_message = std::size_t{128} << 20;
  std::size_t per_connection = 100;                                   // Operations at once.
  query::SubscribeOptions defaults;                                   // Where the subscriber says nothing else.
  bool completes_after_error = false;                                 // Older clients wait for it.
  std::chrono::milliseconds init_timeout = std::chrono::seconds(30);  // Until connection_init.
  std::chrono::milliseconds ping_interval = std::chrono::seconds(30);
  std::chrono::milliseconds pong_timeout = std::chrono::seconds(60);
};

struct ServerOptions {
  std::string bind = ":15000";     // HOST:PORT, [IPv6]:PORT or :PORT; port 0 = any free one.
  std::string service_bind;        // Second listener with health and metrics only; empty = none.
  bool loopback_only = true;       // Other addresses than loopback ones are not served.
  bool needs_credentials = false;  // Nobody comes in without.
  bool serves_at_once = true;      // Else queries are refused until Serve().
  bool admin_ui = true;
  bool forwards = false;                     // Requests for other nodes are sent on to them.
  bool full_errors = false;                  // Every error tells its code and the request's id.
  std::vector<std::string> allowed_origins;  // Of browser pages on other hosts, as in "https://app.example.org".
  // Main listeners take TLS beside plain HTTP, and other nodes come in by their certificates alone; null = neither.
  std::shared_ptr<tls::NodeCertificates> certificates;
  std::string node_name;
  std::string version;
  int io_threads = 0;  // 0 = chosen by the number of cores.
  std::size_t max_connections = 10'000;
  std::size_t max_body_bytes = std::size_t{16} << 20;
  std::size_t max_header_bytes = std::size_t{64} << 10;
  std::size_t max_queued_requests = 1000;
  std::chrono::milliseconds query_timeout = std::chrono::minutes(5);    // 0 = none.
  std::chrono::milliseconds write_timeout = std::chrono::seconds(60);   // Without any progress; 0 = none.
  std::chrono::milliseconds header_timeout = std::chrono::seconds(10);  // From a request's first byte to its last.
  std::chrono::milliseconds body_timeout = std::chrono::seconds(60);
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(90);  // Between the requests of a connection.
  std::chrono::milliseconds slow_query = std::chrono::seconds(1);     // Longer ones are logged; 0 = none.
  SubscribeOptions subscribe;
};

// Why a node is not, or not fully, able to serve; codes as in docs/operations.md.
struct Reason {
  std::string code;
  std::string detail;
  bool blocks_readiness = true;
};

// A node whose queue of requests has been full for so long is overloaded.
inline constexpr std::chrono::seconds kOverloadedAfter{10};

// What the server needs of the rest of the node. All of it outlives the server.
struct ServerParts {
  query::QueryService& service;
  async::Admission& admission;
  async::BlockingPool& query_pool;    // As many threads as admission has slots.
  async::BlockingPool& prepare_pool;  // About one thread a core.
  observe::Metrics& metrics;
  observe::Log& log;
  std::function<std::vector<Reason>()> readiness = {};  // Empty = always ready. Any thread; must not block.
  auth::Authenticator* authenticator = nullptr;         // Null = everyone is admin.
  const auth::TrustedProxies* proxies = nullptr;        // Null = none.
  async::BlockingPool* identification_pool = nullptr;   // For identities that other servers must confirm.
  auth::LiveQueries* live = nullptr;                    // Where running queries are listed; null = nowhere.
  // The queries of all nodes that a viewer may see, as a JSON list, and the end of one elsewhere; both may wait a
  // moment for other nodes. Empty = there are no others.
  std::function<std::string(const auth::Identity& viewer)> all_queries = {};
  std::function<bool(const auth::Identity& viewer, const std::string& id)> cancel_elsewhere = {};
  cluster::CallVerifier* call_verifier = nullptr;   // Lets other nodes in; null = there is no cluster.
  std::function<std::string()> health_detail = {};  // Further members of /health/detail, ",\"name\":value".
  // The version of the schema that is served, for the header X-Eider-Schema-Version; empty = the service's.
  std::function<std::uint64_t()> schema_version = {};
  // Waits until at least that version is served, and tells whether it is; empty = nothing is waited for.
  std::function<bool(std::uint64_t version, const Deadline& deadline)> await_schema = {};
  std::function<bool()> stale = {};        // Whether roles may have changed unknown to this node; empty = never.
  std::function<std::string()> ping = {};  // What other nodes are told of this one, as JSON.
  observe::AuditLog* audit = nullptr;      // Where refusals are written down; null = nowhere.
  // For X-Eider-Target-Node: requests that are sent on, where nodes are, and the threads that wait for them; all or
  // none, which is a node that knows no other.
  cluster::PeerStreams* streams = nullptr;
  std::function<NodePlace(const std::string& name)> find_node = {};
  async::BlockingPool* forward_pool = nullptr;
  observe::QueryHistory* history = nullptr;  // Where requests that have ended are written down; null = nowhere.
  observe::Tracer* tracer = nullptr;         // Takes spans of requests; null = traces are only handed on.
  // Whether this node may be unready for being overloaded; empty = always. Any thread; must not block.
  std::function<bool()> may_leave = {};
};

// Answers HTTP: /query, health, metrics and the explorer page. Owned by the composition root, stopped before the
// service it serves. All methods may be called from any thread.
class Server {
 public:
  // Opens the listeners and starts to answer. Fails with kBadInput for an address that may not be served, and
  // kSourceUnavailable when it cannot be bound.
  static Result<std::unique_ptr<Server>> Start(ServerOptions options, ServerParts parts);

  // Answers queries from now on.
  virtual void Serve() = 0;

  // Stops at once, as Stop() does.
  virtual ~Server() = default;

  // Where it listens, such as "127.0.0.1:15000"; the service listener's is empty when there is none.
  virtual std::string address() const = 0;
  virtual std::string service_address() const = 0;

  // Announces by /health/ready that the node is stopping, serves on for `delay`, then refuses new requests with 503
  // DRAINING and returns when none is running or `timeout` has passed, after cancelling what still runs.
  virtual void Drain(std::chrono::milliseconds delay, std::chrono::milliseconds timeout) = 0;

  // Cancels what runs, closes every connection and joins the threads. Idempotent.
  virtual void Stop() = 0;
};

}  // namespace eider::http
