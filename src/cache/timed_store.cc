#include "cache/timed_store.h"

#include <chrono>
#include <utility>

namespace eider::cache {
namespace {

using SteadyClock = std::chrono::steady_clock;

class TimedStore final : public ResultStore {
 public:
  TimedStore(std::unique_ptr<ResultStore> store, const StoreTimes& times) : store_(std::move(store)), times_(times) {}

  Result<Fetched> Fetch(const std::string& key, std::span<const std::string> tags, const Deadline& deadline) override {
    const Timing timing(times_.get);
    return store_->Fetch(key, tags, deadline);
  }
  Status Store(const std::string& key, std::string_view entry, std::chrono::milliseconds ttl,
               const Deadline& deadline) override {
    const Timing timing(times_.set);
    return store_->Store(key, entry, ttl, deadline);
  }
  Status Erase(const std::string& key, const Deadline& deadline) override {
    const Timing timing(times_.erase);
    return store_->Erase(key, deadline);
  }
  Status Bump(std::span<const std::string> tags, const Deadline& deadline) override {
    const Timing timing(times_.bump);
    return store_->Bump(tags, deadline);
  }
  Result<bool> TryLock(const std::string& name, std::chrono::milliseconds lease, const Deadline& deadline) override {
    const Timing timing(times_.lock);
    return store_->TryLock(name, lease, deadline);
  }
  void Unlock(const std::string& name, const Deadline& deadline) override { store_->Unlock(name, deadline); }
  Result<std::vector<std::string>> Poll(const Deadline& deadline) override { return store_->Poll(deadline); }

 private:
  class Timing {
   public:
    explicit Timing(observe::Histogram* into) : into_(into) {}
    ~Timing() {
      if (into_ != nullptr) into_->Observe(SteadyClock::now() - started_);
    }
    Timing(const Timing&) = delete;
    Timing& operator=(const Timing&) = delete;

   private:
    observe::Histogram* const into_;
    const SteadyClock::time_point started_ = SteadyClock::now();
  };

  const std::unique_ptr<ResultStore> store_;
  const StoreTimes times_;
};

}  // namespace

std::unique_ptr<ResultStore> Timed(std::unique_ptr<ResultStore> store, const StoreTimes& times) {
  return std::make_unique<TimedStore>(std::move(store), times);
}

}  // namespace eider::cache
