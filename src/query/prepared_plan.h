#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "columnar/json_encoder.h"
#include "planner/plan.h"
#include "query/cache_reads.h"

namespace eider::query {

// A cached plan with the encoders made for it. Thread-safe.
class PreparedPlan {
 public:
  explicit PreparedPlan(std::shared_ptr<const planner::Plan> plan) : plan_(std::move(plan)) {}

  const planner::Plan& plan() const { return *plan_; }

  // What the cache must know of the plan's results; made by `read` when it is asked for first.
  template <class Read>
  std::shared_ptr<const CacheReads> Reads(const Read& read) {
    MutexLock lock(mutex_);
    if (reads_ == nullptr) reads_ = std::make_shared<const CacheReads>(read());
    return reads_;
  }

  // The encoder of the plan's shape (or its batch shape) for a result schema and zone.
  Result<std::shared_ptr<const columnar::JsonEncoder>> Encoder(
      const std::shared_ptr<const columnar::BatchSchema>& schema, const std::shared_ptr<const columnar::TimeZone>& zone,
      bool batch);

 private:
  struct Entry {
    std::shared_ptr<const columnar::BatchSchema> schema;
    std::shared_ptr<const columnar::TimeZone> zone;
    bool batch = false;
    std::shared_ptr<const columnar::JsonEncoder> encoder;
  };
  // One per session that ran the plan recently; more are made anew.
  static constexpr std::size_t kKept = 64;

  const std::shared_ptr<const planner::Plan> plan_;
  Mutex mutex_;
  std::vector<Entry> entries_ GUARDED_BY(mutex_);
  std::shared_ptr<const CacheReads> reads_ GUARDED_BY(mutex_);
};

}  // namespace eider::query
