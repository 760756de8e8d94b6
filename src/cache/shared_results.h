#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/stop_token.h"
#include "cache/breaker.h"
#include "cache/entry_codec.h"
#include "cache/result_store.h"

namespace eider::cache {

// What the results outside of this process have been asked, since the start.
struct SharedCounts {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t fetch_errors = 0;
  std::uint64_t store_errors = 0;
  std::uint64_t bump_errors = 0;
  std::uint64_t poll_errors = 0;
  std::uint64_t bumps_of_others = 0;
  bool breaker_open = false;
};

// A ResultStore as the cache uses it: no call takes longer than the timeout, whatever the server does, and no failure
// comes out. Bumps that cannot be told are kept and told before anything is read again; entries are stored by a thread
// of its own. Thread-safe.
class SharedResults {
 public:
  struct Options {
    std::chrono::milliseconds timeout{100};
    std::size_t max_item_bytes = 8 << 20;
  };
  // `bumped` is called with what other nodes bumped; kEverything stands for all.
  SharedResults(std::unique_ptr<ResultStore> store, const Options& options,
                std::function<void(const std::vector<std::string>&)> bumped);
  ~SharedResults();

  struct Found {
    std::optional<SharedEntry> entry;  // Still current.
    // Of the tags, before anything was computed; without them nothing can be stored.
    std::optional<std::vector<std::uint64_t>> versions;
    bool locked = false;  // Nobody else in the cluster computes it; ends by Release().
  };
  // Looks `key` up. Without a result it tries to become the only one of the cluster who computes it, and waits a while
  // for another who does. `fresh`: drops what is there instead.
  Found Fetch(const std::string& key, const std::vector<std::string>& tags, bool fresh, const StopToken& stop);

  // Stores an entry soon; one above the limit not at all.
  void StoreLater(const std::string& key, SharedEntry entry, std::chrono::milliseconds ttl);
  void Release(const std::string& key);

  // Notes that `tags` changed: from now on nothing is read before all nodes could be told.
  void Announce(const std::vector<std::string>& tags);
  // Tells what was announced, unless that takes too long; then it is told later.
  void Tell();

  SharedCounts counts() const;

 private:
  using Job = std::function<void()>;
  Found Read(const std::string& key, const std::vector<std::string>& tags, const Deadline& deadline);
  void AwaitOther(const std::string& key, const std::vector<std::string>& tags, const StopToken& stop, Found& found);
  void Do(Job job);
  // Tells what is kept of bumps; whether nothing is left.
  bool Flush(const Deadline& deadline);
  bool FlushAlone(const Deadline& deadline);
  bool HasPending() const;
  void Note(const Status& done, std::atomic<std::uint64_t>& errors);
  // Waits for work; false when there will be none.
  bool TakeJob(Job& job);
  void Work();
  // Waits until the listener's next turn; false when there is none.
  bool Rest();
  void Listen();
  Deadline Timeout() const { return Deadline::After(options_.timeout); }

  const std::unique_ptr<ResultStore> store_;
  const Options options_;
  const std::function<void(const std::vector<std::string>&)> bumped_;
  Breaker breaker_;

  mutable Mutex mutex_;
  CondVar flushed_;
  bool is_flushing_ GUARDED_BY(mutex_) = false;                      // One tells at a time.
  std::map<std::string, std::uint64_t> pending_ GUARDED_BY(mutex_);  // With the number of the bump.
  std::uint64_t last_bump_ GUARDED_BY(mutex_) = 0;

  Mutex jobs_mutex_;
  CondVar wake_;
  CondVar stopped_;
  std::deque<Job> jobs_ GUARDED_BY(jobs_mutex_);
  bool stopping_ GUARDED_BY(jobs_mutex_) = false;

  std::atomic<std::uint64_t> hits_ = 0, misses_ = 0, fetch_errors_ = 0, store_errors_ = 0, bump_errors_ = 0;
  std::atomic<std::uint64_t> poll_errors_ = 0, foreign_ = 0;
  std::thread worker_;
  std::thread listener_;
};

}  // namespace eider::cache
