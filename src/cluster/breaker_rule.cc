#include "cluster/breaker_rule.h"

#include <cstdint>
#include <utility>

namespace eider::cluster {
namespace {

constexpr int kEnoughNodes = 3;

}  // namespace

bool OpensForAll(std::span<const BreakerReport> reports, int threshold, int live) {
  std::int64_t failures = 0;
  int nodes = 0;
  for (const BreakerReport& report : reports) {
    failures += report.failures;
    if (report.failures > 0) ++nodes;
  }
  return nodes >= (live >= kEnoughNodes ? 2 : 1) && failures >= threshold;
}

std::string WhoCannotReach(std::span<const BreakerReport> reports) {
  std::string names;
  int nodes = 0;
  for (const BreakerReport& report : reports) {
    if (report.failures == 0) continue;
    names.append(++nodes == 1 ? "" : ", ").append(report.node);
  }
  return (nodes == 1 ? "node " : "nodes ") + names + " cannot reach it";
}

bool SharedBreaker::HasNews(const CircuitBreaker::Failures& own) {
  news_ = Effective(own);
  return news_ != told_;
}

SharedBreaker::Step SharedBreaker::Follow(bool is_open, const CircuitBreaker::Failures& own) {
  const bool was_open = std::exchange(was_open_, is_open);
  if (is_open) return !was_open || Effective(own) > 0 ? Step::kOpen : Step::kNone;
  return was_open && Effective(own) == 0 ? Step::kTryNow : Step::kNone;
}

}  // namespace eider::cluster
