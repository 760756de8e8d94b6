#pragma once

#include <string>

#include "async/blocking_pool.h"
#include "auth/permission_store.h"
#include "cache/result_cache.h"
#include "query/jq_runner.h"
#include "query/service.h"

namespace eider::query {

// A request with a jq program before it, which computes variables (2.1), or behind it, which makes the answer (1.2).
// Prepares the request itself only when it runs, since programs may take long.
class JqExecution final : public Execution {
 public:
  // What keeping its answers needs; without `cache` nothing is kept.
  struct CacheParts {
    cache::ResultCache* cache = nullptr;
    async::BlockingPool* flights = nullptr;
    std::string default_zone;
    std::int64_t default_limit = 0;
    const auth::PermissionStore* permissions = nullptr;  // Null = there is no role but `admin`.
  };
  JqExecution(QueryService& service, JqRunner& runner, const CacheParts& cache, RequestContext context,
              GraphqlRequest request);

  const std::string* ready_body() const override { return nullptr; }
  WorkClass work_class() const override { return WorkClass::kScan; }
  Status Run(ResponseSink& sink) override;
  bool StartCoalesced(std::function<void(std::string)> /*done*/) override { return false; }
  const ExecutionStats& stats() const override { return stats_; }

 private:
  Status ComputeVariables();
  Status RunPlain(ResponseSink& sink);
  Status RunThrough(ResponseSink& sink);
  // What is to be kept of the answer; null when nothing is.
  std::shared_ptr<const cache::Wanted> Wanted();
  Status RunKept(ResponseSink& sink, const cache::Wanted& wanted);
  Status WriteKept(ResponseSink& sink, const cache::Outcome& outcome);
  Result<std::string> Transform(const std::string& program, const std::string& answer, const JqVariables& variables);
  // Writes a failure as the body: a GraphQL answer, or plain text where a program makes the answer.
  Status Refuse(ResponseSink& sink, const Error& error);

  QueryService& service_;
  JqRunner& runner_;
  const CacheParts& cache_;
  RequestContext context_;
  GraphqlRequest request_;
  ExecutionStats stats_;
};

// Whether the variables hold a program that computes others.
bool ComputesVariables(const GraphqlRequest& request);

}  // namespace eider::query
