#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "cache/entry.h"
#include "cache/frequency_sketch.h"

namespace eider::cache {

// Results in the memory of this process, in shards with a lock each. Who is kept is decided as by W-TinyLFU: a new
// entry enters a small window; what leaves the window takes the place of the main part's oldest entry only when it was
// asked for more often. The main part is a segmented LRU. Bytes of all shards together never exceed the limit, not even
// for a moment. Thread-safe.
class LocalStore {
 public:
  struct Options {
    std::size_t max_bytes = 64 << 20;
    std::size_t max_item_bytes = 0;  // 0 = an eighth of `max_bytes`.
    int shards = 64;
  };
  explicit LocalStore(const Options& options);
  ~LocalStore();

  // The entry of `key`; nullptr when there is none that is fresh. Counts as a use.
  EntryPtr Find(const Key& key, Clock::time_point now);

  // Keeps `entry` in the place of what `key` had. Returns false when it is too large or not worth its place.
  bool Put(const Key& key, EntryPtr entry);

  void Erase(const Key& key);

  // Removes what is no longer fresh.
  void Sweep(Clock::time_point now);

  // What an entry costs: its key, its text and everything around them.
  static std::size_t CostOf(const Entry& entry);

  struct Counts {
    std::size_t bytes = 0;
    std::size_t entries = 0;
    std::uint64_t evicted_for_room = 0;
    std::uint64_t evicted_expired = 0;
    std::uint64_t evicted_invalid = 0;
    std::uint64_t refused_large = 0;
  };
  Counts counts() const;
  std::size_t max_item_bytes() const { return max_item_bytes_; }

 private:
  class Shard;
  Shard& ShardOf(const Key& key) { return *shards_[key.bytes[31] % shards_.size()]; }
  bool Reserve(std::size_t bytes);
  // Takes room from other shards than `own` until `bytes` are reserved.
  bool ReserveFromOthers(const Shard& own, std::size_t bytes);

  const std::size_t max_bytes_;
  const std::size_t max_item_bytes_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::atomic<std::size_t> bytes_ = 0;
  std::atomic<std::size_t> entries_ = 0;
  std::atomic<std::size_t> next_victim_ = 0;
  std::atomic<std::uint64_t> for_room_ = 0, expired_ = 0, invalid_ = 0, large_ = 0;
};

}  // namespace eider::cache
