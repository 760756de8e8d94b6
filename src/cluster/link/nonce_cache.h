#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/mutex.h"

namespace eider::cluster {

// Remembers the nonces of the last minutes. Bounded: what is new is refused while it is full of others. Thread-safe.
class NonceCache {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kCapacity = 100'000;
  static constexpr std::chrono::minutes kLifetime{5};

  explicit NonceCache(std::size_t capacity = kCapacity, Clock::duration lifetime = kLifetime)
      : capacity_(capacity),
        lifetime_(lifetime) {}

  enum class Outcome { kNew, kSeen, kFull };
  // Remembers `nonce` when it is new. REQUIRES: `now` never goes back.
  Outcome Add(std::string_view nonce, Clock::time_point now);

 private:
  struct Entry {
    Clock::time_point forget_at;
    std::string nonce;
  };

  const std::size_t capacity_;
  const Clock::duration lifetime_;
  Mutex mutex_;
  std::deque<Entry> oldest_first_ GUARDED_BY(mutex_);
  std::unordered_set<std::string> seen_ GUARDED_BY(mutex_);
};

}  // namespace eider::cluster
