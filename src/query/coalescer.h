#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "query/prepared_plan.h"
#include "query/session_router.h"

namespace eider::query {

// One look-up by key that waits for its row.
struct PointLookup {
  engine::Parameters parameters;  // Of the statement, in its order.
  engine::Parameters keys;        // Those of them that the request gave.
  engine::Parameters session;     // Of Plan::batch_session.
  Deadline deadline;
  // Called once with the row's JSON text ("null" when there is none) or the failure.
  std::function<void(Result<std::string>)> done;
};

// Answers look-ups of one plan that arrive together by one statement, as group commit does for writes: whoever comes
// while all threads are busy waits for the next free one and shares its statement with the others; nobody waits when a
// thread is idle. Reserves help when much waits, as with a server far away. Thread-safe. The destructor answers what
// waits and joins.
class Coalescer {
 public:
  struct Options {
    int threads = 2;
    int native_threads = 2;   // In place of `threads` for a source that runs statements itself.
    int native_reserves = 2;  // Besides them.
    int reserves = 0;
    std::size_t max_batch = 32;
    std::string zone_name = "UTC";
    std::shared_ptr<const columnar::TimeZone> zone;
  };
  Coalescer(const SessionRouter& sessions, Options options);
  ~Coalescer();

  void Submit(const std::shared_ptr<PreparedPlan>& plan, PointLookup lookup);

  std::uint64_t requests() const { return requests_.load(std::memory_order_relaxed); }
  std::uint64_t statements() const { return statements_.load(std::memory_order_relaxed); }

 private:
  // Only look-ups whose rules see the same values share a statement.
  using Key = std::pair<PreparedPlan*, std::string>;
  struct Queue {
    std::shared_ptr<PreparedPlan> plan;
    std::deque<PointLookup> waiting;
  };

  enum class Part { kThread, kReserve };
  void Work(Part part);
  // Whether there is something for threads of this part.
  bool HasWork(Part part) const REQUIRES_LOCK(mutex_) { return part == Part::kReserve ? IsMuch() : !ready_.empty(); }
  // Whether more waits than the threads should take alone.
  bool IsMuch() const REQUIRES_LOCK(mutex_) { return waiting_ >= options_.max_batch || ready_.size() >= kManyPlans; }
  // Look-ups of the plan whose turn it is, which share a statement. REQUIRES: some wait.
  std::vector<PointLookup> Take(std::shared_ptr<PreparedPlan>& plan) REQUIRES_LOCK(mutex_);
  void Answer(PreparedPlan& plan, std::vector<PointLookup> lookups);
  Status AnswerTogether(engine::Session& session, PreparedPlan& plan, const Deadline& latest,
                        std::vector<PointLookup>& lookups);
  void AnswerOne(engine::Session& session, PreparedPlan& plan, PointLookup& lookup);

  static constexpr std::size_t kManyPlans = 4;

  const SessionRouter& sessions_;
  const Options options_;
  Mutex mutex_;
  CondVar wake_;
  CondVar wake_reserves_;
  std::size_t waiting_ GUARDED_BY(mutex_) = 0;
  std::map<Key, Queue> queues_ GUARDED_BY(mutex_);
  std::deque<Key> ready_ GUARDED_BY(mutex_);  // Plans with waiting look-ups, in order of arrival.
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::atomic<std::uint64_t> requests_ = 0;
  std::atomic<std::uint64_t> statements_ = 0;
  std::vector<std::thread> threads_;
};

// One coalescer for the engine and one for each source that runs statements itself, so that a slow source delays no
// other's look-ups. Those are made on first use and kept to the end. Thread-safe.
class CoalescerSet {
 public:
  CoalescerSet(const SessionRouter& sessions, Coalescer::Options options)
      : sessions_(sessions),
        options_(std::move(options)),
        engine_(sessions_, options_) {}

  // The coalescer for plans of `source` (Plan::source).
  Coalescer& Of(const std::string& source);

  std::uint64_t requests() const;
  std::uint64_t statements() const;

 private:
  const SessionRouter& sessions_;
  const Coalescer::Options options_;
  Coalescer engine_;
  mutable Mutex mutex_;
  std::map<std::string, std::unique_ptr<Coalescer>> native_ GUARDED_BY(mutex_);
};

}  // namespace eider::query
