#pragma once

#include <memory>
#include <string>

#include "async/blocking_pool.h"
#include "query/coalescer.h"
#include "query/jq_runner.h"
#include "query/operation.h"
#include "query/query_service.h"
#include "query/response_plan.h"

namespace eider::query {

// What every execution borrows from the service.
struct ExecutionParts {
  const SessionRouter& sessions;
  JqRunner& jq;
  async::BlockingPool* helpers = nullptr;
  CoalescerSet* coalescers = nullptr;
  int max_parallel = 0;
  planner::PlanOptions plan_options;
  std::function<void()> core_changed = {};
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
    bool no_mutation = false;  // Also for requests that jq programs make.
  };

  RequestExecution(const ExecutionParts& parts, Request request, ExecutionStats stats);

  const std::string* ready_body() const override { return nullptr; }
  WorkClass work_class() const override;
  Status Run(ResponseSink& sink) override;
  bool StartCoalesced(std::function<void(std::string)> done) override;
  const ExecutionStats& stats() const override { return stats_; }

 private:
  graphql::CollectContext Collect() const;
  Status RunQuery(BodyWriter& out);
  Status RunMutation(BodyWriter& out);
  Status StartLeaves();
  // Runs the jq programs of a plan whose leaves have started.
  Status ComputeJq(ResponsePlan& plan);
  Status WritePlan(ResponsePlan& plan, BodyWriter& out);
  Status CallFunction(ResponseField& field, const RequestContext& context, std::string& out);
  void AppendExtensions(std::string& out) const;
  std::string Body(const Error& error) const;
  // Turns a failure into an error body when nothing was sent yet; otherwise hands it on.
  Status Fail(BodyWriter& out, const Error& error);
  void FinishCoalesced(Result<std::string> row, const std::function<void(std::string)>& done);

  const ExecutionParts& parts_;
  Request request_;
  ExecutionStats stats_;
  std::int64_t started_ = 0;
};

}  // namespace eider::query
