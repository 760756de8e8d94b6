#pragma once

#include <rapidjson/document.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/identity.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/stop_token.h"
#include "cache/rule.h"
#include "query/subscription.h"

namespace eider::engine {
class Session;
}

namespace eider::observe {
struct TracePoint;
}

namespace eider::query {

// What a request to `/jq-query` says about keeping what its program makes.
struct JqCaching {
  std::optional<cache::Rule> rule;  // Nothing = it is not kept.
  bool fresh = false;               // What was kept is dropped first.
};

// What a front end knows about a request beside its text.
struct RequestContext {
  std::string request_id;
  std::string client_ip;
  std::string_view protocol = "http";                                         // Of the front end; static text.
  std::shared_ptr<const auth::Identity> identity = auth::Anonymous("admin");  // Never null.
  std::string time_zone;  // IANA name; empty = the node's default. An unknown name is ignored.
  Deadline deadline = Deadline::Never();
  StopToken stop;                                 // Requested when the client has gone or the node gives up.
  bool full_errors = false;                       // Every error tells its code and the request's id.
  bool explain = false;                           // The answer tells under `extensions` what ran where.
  JqCaching jq_caching;                           // Of the headers; a request's own goes first.
  bool of_node = false;                           // A call of another node, not a client's request it has handed on.
  std::string least_schema;                       // Version of the schema that the client has seen; empty = any.
  std::string idempotency_key;                    // Of operations that a client may send twice; empty = none.
  std::vector<std::string>* plan_keys = nullptr;  // Takes the normal form of what is planned; null = nobody asks.
  int nesting = 0;                                // Requests that this one is made by, through jq programs.
  std::shared_ptr<const observe::TracePoint> trace = nullptr;  // What it is a part of; null = of no trace.
  // Inside a mutation that has changed the core database: the session of its transaction, for functions that read it.
  engine::Session* core_changes = nullptr;
  // The same: takes what is to be done when that transaction has ended, told whether it was committed.
  std::function<void(std::function<void(bool committed)>)> at_core_end = {};
};

// A GraphQL request as the HTTP body of `/query` describes it.
struct GraphqlRequest {
  std::string query;
  rapidjson::Document variables;  // An object, or null.
  std::string operation_name;     // Empty = the first operation.
  bool validate_only = false;
  bool no_mutation = false;
  bool over_get = false;  // Mutations are refused on GET.
  // A program that the whole answer passes through; its output is the body, and failures are plain text. An empty one
  // leaves the answer as it is.
  std::optional<std::string> jq;
  JqCaching jq_caching;
  bool describes = false;  // The execution must know what its answer depends on.
  // The document of the subscription that this is a run of, which the caller must be allowed to ask, too; empty = none.
  std::string subscription;
};

// What an answer as a whole depends on beside its request.
struct AnswerReads {
  std::vector<std::string> tags;
  std::string generations;
};

// Where an answer came from, from best to worst.
enum class CacheState { kHit, kMiss, kBypass };

// What the result cache did for an answer: the worst of its fields.
struct CacheNote {
  CacheState state = CacheState::kBypass;
  std::chrono::seconds age{0};  // Of the oldest result in it.
};

// Takes the bytes of a response body. Owned by the front end.
class ResponseSink {
 public:
  virtual ~ResponseSink() = default;
  // Appends body bytes; blocks while the client is slow. Fails with kCancelled when the client has gone and kTimeout
  // when it takes nothing for too long; the caller then stops.
  virtual Status Write(std::string_view bytes) = 0;
  // Tells, before the first bytes, what the cache did for them.
  virtual void NoteCache(const CacheNote& /*note*/) {}
};

// Slots are given by class, so that look-ups do not wait behind scans.
enum class WorkClass { kInteractive, kScan };

// What happened, for metrics and logs. Durations in nanoseconds.
struct ExecutionStats {
  std::int64_t rows = 0;
  std::int64_t parse_ns = 0;
  std::int64_t plan_ns = 0;
  std::int64_t execute_ns = 0;
  bool has_errors = false;  // The body is an error response.
  bool is_mutation = false;
  bool plan_cached = false;
  bool is_text = false;         // The body is plain text, which only errors are.
  bool is_not_served = false;   // This node does not serve such requests; others do.
  std::string_view error_code;  // Such as "VALIDATION"; empty without error.
  CacheNote cache;
};

// One prepared request. Owned by the front end, used by one thread at a time, run at most once. Keeps the schema
// snapshot that it was planned against alive.
class Execution {
 public:
  virtual ~Execution() = default;

  // The complete body when it is known without running anything (a syntax or validation error, introspection,
  // `validateOnly`); nullptr otherwise. A ready execution needs neither admission nor Run().
  virtual const std::string* ready_body() const = 0;

  virtual WorkClass work_class() const = 0;

  // Runs the request and writes its JSON body into `sink`; blocks. GraphQL-level failures are written as
  // {"errors": …} and return OK. An error means that the body is incomplete: when bytes were written already the
  // front end must break the connection, so that no client takes a part for the whole.
  virtual Status Run(ResponseSink& sink) = 0;

  // Tries to run the request together with others of the same plan, without blocking the caller. Returns false when
  // this request is not of that kind (use Run()). Otherwise `done` is called exactly once, from an engine thread, with
  // the complete body; this object must live until then.
  virtual bool StartCoalesced(std::function<void(std::string body)> done) = 0;

  // Tries to share the computation of another request that wants the same result. Returns false when this request has
  // to run itself. Otherwise, exactly once and from any thread, either `done` is called with the complete body, or
  // `run` when it has to run after all; this object must live until then. May be used instead of StartCoalesced().
  struct Sharing {
    std::function<void(std::string body)> done;
    std::function<void()> run;
  };
  virtual bool StartShared(Sharing /*sharing*/) { return false; }

  // What the answer depends on; nothing when it must not be kept. REQUIRES: the request asked for `describes`.
  virtual std::optional<AnswerReads> Reads() const { return std::nullopt; }

  // The data sources that the request touches, as far as they are known before it runs.
  virtual std::vector<std::string> Sources() const { return {}; }

  virtual const ExecutionStats& stats() const = 0;
};

// The one way of every front end to the data. Thread-safe.
class QueryService {
 public:
  virtual ~QueryService() = default;

  // Parses, validates and plans; takes CPU but waits for nothing. Never fails: a bad document gives an execution with
  // a ready error body. `context` and `request` are moved in.
  virtual std::unique_ptr<Execution> Prepare(RequestContext context, GraphqlRequest request) = 0;

  // Begins what a subscriber asks for: a subscription, or a query or mutation, which runs once and gives its whole
  // answer. Parses and validates; what it asks is authorised whenever it runs.
  virtual Subscribed Subscribe(const RequestContext& /*context*/, GraphqlRequest /*request*/,
                               const SubscribeOptions& /*options*/) {
    return {nullptr, R"([{"message":"this node has no subscriptions"}])"};
  }

  // True when Prepare() of this text is only a cache look-up of some microseconds, cheap enough for a network thread.
  virtual bool IsCheap(std::string_view query) const = 0;

  // The schema version served now; 0 while there is none.
  virtual std::uint64_t schema_version() const = 0;

  // The schema as SDL text, for documentation pages and `eider schema print`.
  virtual std::string PrintSchema() const = 0;
};

}  // namespace eider::query
