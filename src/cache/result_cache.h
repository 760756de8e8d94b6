#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "cache/flight.h"
#include "cache/local_store.h"
#include "cache/shared_results.h"
#include "cache/tags.h"
#include "cache/timed_store.h"

namespace eider::cache {

// What a request wants to be kept, and for how long.
struct Wanted {
  Key key;
  std::vector<std::string> tags;     // Of everything that the result is read from.
  std::chrono::milliseconds ttl{0};  // 0 = no limit.
  bool fresh = false;                // What was kept before must not answer it.
};

struct CacheOptions {
  std::optional<LocalStore::Options> local;  // Nothing = no results in memory.
  std::chrono::milliseconds default_ttl{60'000};
  std::chrono::milliseconds max_local_ttl{0};  // 0 = none.
  std::chrono::milliseconds clean_time{10'000};
  SharedResults::Options shared;
  StoreTimes local_times;  // Of results in memory: `get` and `set`.
  StoreTimes shared_times;
  bool identity_projection = false;  // Users whom a plan cannot tell apart share its results.
};

// Numbers since the start, for metrics.
struct CacheCounts {
  LocalStore::Counts local;
  std::uint64_t local_hits = 0;
  std::uint64_t local_misses = 0;
  std::uint64_t invalidations = 0;
  std::uint64_t heard = 0;  // Invalidations that other nodes have announced.
  std::optional<SharedCounts> shared;
  std::uint64_t waiters = 0;  // Requests that wait for a computation of another one, now.
};

// Results of root fields, kept beyond their requests. Owned by the composition root; outlives the query service.
// Thread-safe. Nothing that fails in here fails a request.
class ResultCache {
 public:
  // `shared`: results outside of this process; null = none.
  explicit ResultCache(const CacheOptions& options, std::unique_ptr<ResultStore> shared = nullptr);
  ~ResultCache();

  const CacheOptions& options() const { return options_; }

  // The result in memory; nullptr when there is none. Never blocks for long.
  EntryPtr Find(const Key& key);

  // Makes the caller a member of the computation of what it wants; a computation that began before some tag of it was
  // bumped takes nobody in.
  Seat Join(const Wanted& wanted, Flight::Waiter waiter);

  // Computes what `wanted` tells, keeps it and ends the flight. Called by the one whose Begin() was true, on a thread
  // that may block. `compute` gets the flight's stop token.
  using Compute = std::function<Result<Computed>(const StopToken&)>;
  void Run(const std::shared_ptr<Flight>& flight, const Wanted& wanted, const Compute& compute);

  // Whether other nodes have to hear of it, or do the same themselves.
  enum class Scope { kAllNodes, kThisNode };
  // Makes every result with one of the tags invisible, at once.
  void Bump(const std::vector<std::string>& tags, Scope scope = Scope::kAllNodes);
  // The same for every result there is.
  void BumpAll(Scope scope = Scope::kAllNodes);

  // The same for what another node has made untrue. Results outside of the process are its business.
  void Hear(const std::vector<std::string>& tags);
  void HearAll();

  // Told of every bump that is for all nodes, after it; an empty list is everything. It must not block.
  using OnBump = std::function<void(const std::vector<std::string>& tags)>;
  void set_on_bump(OnBump on_bump);

  CacheCounts counts() const;

  // A longer result goes to everybody alone, without being put together in memory.
  static constexpr std::size_t kLargest = std::size_t{64} << 20;

 private:
  Result<Outcome> Produce(const std::shared_ptr<Flight>& flight, const Wanted& wanted, const Compute& compute);
  // An entry with the flight's stamps and the life that is left to it.
  std::shared_ptr<Entry> MakeEntry(const Flight& flight, Computed computed, std::chrono::milliseconds ttl,
                                   std::chrono::milliseconds age) const;
  // Puts the entry into memory, unless the flight was replaced meanwhile.
  void Keep(const std::shared_ptr<Flight>& flight, const Key& key, const EntryPtr& entry);
  Result<Outcome> ProduceShared(const std::shared_ptr<Flight>& flight, const Wanted& wanted, const Compute& compute);
  void TellBump(const std::vector<std::string>& tags);
  void Forget(const Key& key, const Flight& flight);
  // Waits for the worker's next turn; false when there is none.
  bool Rest();
  void Work();
  void ExpireWaits();

  const CacheOptions options_;
  std::optional<LocalStore> local_;
  TagTable tags_;
  mutable Mutex mutex_;
  std::unordered_map<Key, std::shared_ptr<Flight>, KeyHash> flights_ GUARDED_BY(mutex_);
  std::vector<std::weak_ptr<Flight>> replaced_ GUARDED_BY(mutex_);  // Not joined any more, but still waited for.
  std::atomic<std::uint64_t> hits_ = 0, misses_ = 0, invalidations_ = 0, heard_ = 0;
  Mutex on_bump_mutex_;
  OnBump on_bump_ GUARDED_BY(on_bump_mutex_);

  Mutex worker_mutex_;
  CondVar wake_;
  bool stopping_ GUARDED_BY(worker_mutex_) = false;
  std::thread worker_;
  std::unique_ptr<SharedResults> shared_;  // Last: what it calls back is all above.
};

}  // namespace eider::cache
