#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "async/blocking_pool.h"
#include "cache/result_cache.h"
#include "query/coalescer.h"
#include "query/jq_runner.h"
#include "query/operation.h"
#include "query/query_service.h"
#include "query/response_plan.h"

namespace eider::query {

class MutationScope;

// What every execution borrows from the service.
struct ExecutionParts {
  const SessionRouter& sessions;
  JqRunner& jq;
  async::BlockingPool* helpers = nullptr;
  CoalescerSet* coalescers = nullptr;
  int max_parallel = 0;
  planner::PlanOptions plan_options;
  auth::PermissionStore* permissions = nullptr;
  cache::ResultCache* cache = nullptr;
  async::BlockingPool* flights = nullptr;
  std::function<void()> core_changed = {};
  cluster::CoreMirror* core_mirror = nullptr;
  observe::AuditLog* audit = nullptr;
};

// An answer that is known already.
class ReadyExecution final : public Execution {
 public:
  ReadyExecution(std::string body, ExecutionStats stats) : body_(std::move(body)), stats_(stats) {}
  const std::string* ready_body() const override { return &body_; }
  WorkClass work_class() const override { return WorkClass::kInteractive; }
  Status Run(ResponseSink& sink) override { return sink.Write(body_); }
  bool StartCoalesced(std::function<void(std::string)>) override { return false; }
  const ExecutionStats& stats() const override { return stats_; }

 private:
  std::string body_;
  ExecutionStats stats_;
};

// What the cache did for the fields of a plan together.
CacheNote CacheNoteOf(const ResponsePlan& plan);

// A planned request. See query/service.h for its contract.
class RequestExecution final : public Execution {
 public:
  struct Request {
    std::shared_ptr<const Operation> operation;
    const graphql::OperationDefinition* definition = nullptr;
    std::unique_ptr<graphql::Variables> variables;
    RequestContext context;
    Leaf::Settings settings;
    ResponsePlan response;
    bool default_zone = true;
    bool no_mutation = false;             // Also for requests that jq programs make.
    std::optional<double> max_cost = {};  // Beyond which the role's queries do not run.
    std::string audit_note = {};          // Of a mutation: what its records tell of operation and variables.
  };

  RequestExecution(const ExecutionParts& parts, Request request, ExecutionStats stats);

  const std::string* ready_body() const override { return nullptr; }
  WorkClass work_class() const override;
  Status Run(ResponseSink& sink) override;
  bool StartCoalesced(std::function<void(std::string)> done) override;
  bool StartShared(Sharing sharing) override;
  std::optional<AnswerReads> Reads() const override;
  std::vector<std::string> Sources() const override;
  const ExecutionStats& stats() const override { return stats_; }

  // The body when every field of it is known: only kept results and constants.
  std::optional<std::string> KnownBody();

  // Fails with kSourceUnavailable when a source that is asked is known not to answer.
  Status CheckSources() const;

  // The body that tells a failure.
  std::string Body(const Error& error) const;

 private:
  // Of a field whose result is computed for several requests.
  struct Shared {
    ResponseField* field = nullptr;
    cache::Seat seat;
  };

  // Runs as a call of the sources that the engine connects.
  Status RunCalls(BodyWriter& out);
  graphql::CollectContext Collect() const;
  // The one field that is to be kept and not known, when all others are known; else null.
  ResponseField* OnlyWanted();
  void EndShared(const Result<cache::Outcome>& outcome);
  std::string TextOfKnown();
  static bool IsKnown(const ResponseField& field);
  // Makes this request a member of the computation, and begins it when nobody has.
  cache::Seat JoinFlight(ResponseField& field);
  // Waits for the results of computations that were joined.
  Status AwaitShared(const std::vector<Shared>& shared);
  // Puts the result in the place of the leaf; a result too large for that leaves it.
  static void TakeOutcome(ResponseField& field, const cache::Outcome& outcome);
  // Makes kept results of what a mutation has changed invisible.
  void DropChanged();
  Status RunQuery(BodyWriter& out);
  Status RunMutation(BodyWriter& out);
  // Checks what was done to roles, and counts their version up.
  Status FinishCore(MutationScope& scope) const;
  // Takes a committed change of the core database into use.
  Status NoteCore() const;
  Status RunChanges(BodyWriter& out);
  // The same, and nobody finds a kept result from before it.
  Status RunDropping(BodyWriter& out);
  // The same with a record of every change.
  Status RunAudited(BodyWriter& out);
  // Calls a function of a query that changes something and writes it down.
  Status CallAudited(ResponseField& field, std::string& out);
  // Fails for queries that are expected to cost more than the role may use.
  Status CheckCosts(ResponsePlan& plan);
  Status StartLeaves();
  Status StartOwnLeaves();
  // Starts those of `fields` whose results turned out too large to be shared.
  Status StartLarge(const std::vector<ResponseField*>& fields);
  // Runs the jq programs of a plan whose leaves have started.
  Status ComputeJq(ResponsePlan& plan);
  Status WritePlan(ResponsePlan& plan, BodyWriter& out);
  // Starts a leaf, or calls a function and keeps its result.
  Status StartField(ResponseField& field);
  Status CallFunction(ResponseField& field, const RequestContext& context, std::string& out);
  void AppendExtensions(std::string& out) const;
  // Turns a failure into an error body when nothing was sent yet; otherwise hands it on.
  Status Fail(BodyWriter& out, const Error& error);
  void FinishCoalesced(Result<std::string> row, const std::function<void(std::string)>& done);

  const ExecutionParts& parts_;
  Request request_;
  ExecutionStats stats_;
  std::int64_t started_ = 0;
  // While another request's computation answers this one.
  Sharing sharing_;
  ResponseField* shared_field_ = nullptr;
  std::atomic<bool> settled_ = false;  // It was decided whether the client's going ends the wait.
  Mutex seat_mutex_;                   // The other side may call back before StartShared() is through.
  cache::Seat seat_ GUARDED_BY(seat_mutex_);
  std::optional<std::stop_callback<std::function<void()>>> leave_;
};

}  // namespace eider::query
