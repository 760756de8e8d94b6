#pragma once

#include <atomic>
#include <string>

#include "query/service.h"

namespace eider::testing {

// A QueryService without engine or schema, for the tests of front ends. It looks for words in the text of a query:
//   stall      runs until its stop token, then fails with kCancelled; or until its deadline
//   rows:N     a list of N rows of some 100 bytes, made as they are written
//   fail       fails before it wrote anything; failLate: after 1 MB
//   scan       belongs to the class of scans
//   coalesce   answers from another thread, as a coalesced look-up does
//   ready      answers without running, as introspection does
//   slowPlan   is not cheap to prepare
//   mutation   is one
//   broken     a syntax error; unknownField: a validation error
// A subscription runs its text again and again: every:N, each N milliseconds, and times:N, so often; each body is one
// message. One that is broken or has unknownField is refused.
// Everything else is answered with {"data":{"__typename":"Query"}}, introspection of one type included.
class CannedService final : public query::QueryService {
 public:
  std::unique_ptr<query::Execution> Prepare(query::RequestContext context, query::GraphqlRequest request) override;
  query::Subscribed Subscribe(const query::RequestContext& context, query::GraphqlRequest request,
                              const query::SubscribeOptions& options) override;
  bool IsCheap(std::string_view query) const override { return query.find("slowPlan") == std::string_view::npos; }
  std::uint64_t schema_version() const override { return 7; }
  std::string PrintSchema() const override { return "type Query { rows: [String] }\n"; }

  // Executions inside Run() now, and those that ended because of their stop token.
  int running() const { return running_; }
  int stopped() const { return stopped_; }

 private:
  friend class CannedExecution;

  std::atomic<int> running_ = 0;
  std::atomic<int> stopped_ = 0;
};

}  // namespace eider::testing
