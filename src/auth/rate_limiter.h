#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/mutex.h"

namespace eider::auth {

// What a client is told about its limit.
struct RateState {
  bool allowed = true;
  std::int64_t limit = 0;      // Requests per minute.
  std::int64_t remaining = 0;  // That may be sent at once.
  std::int64_t reset = 0;      // Seconds until the next one may be sent, or until all may.
};

// A token bucket for each principal. Bounded; thread-safe.
class RateLimiter {
 public:
  using Clock = std::chrono::steady_clock;

  // `requests_per_minute` 0 = no limit unless a role has one; `burst` 0 = what comes in two seconds.
  RateLimiter(std::int64_t requests_per_minute, std::int64_t burst)
      : requests_per_minute_(requests_per_minute),
        burst_(burst) {}

  // What a bucket holds and gets.
  struct Limit {
    std::int64_t per_minute = 0;
    double burst = 0;
  };
  // The limit for a role whose own is `of_role`; nothing when there is none.
  std::optional<Limit> LimitFor(std::optional<std::int64_t> of_role) const;

  // What a client is told when `tokens` are left.
  static RateState StateOf(const Limit& limit, bool allowed, double tokens);

  // Takes one request of `principal`; `of_role` replaces the limit of the node. Nothing when there is no limit.
  std::optional<RateState> Take(std::string_view principal, std::optional<std::int64_t> of_role, Clock::time_point now);

 private:
  static constexpr std::size_t kShards = 16;
  struct Bucket {
    double tokens = 0;
    Clock::time_point filled;
  };
  struct Shard {
    Mutex mutex;
    std::unordered_map<std::string, Bucket> buckets GUARDED_BY(mutex);
  };

  static void MakeRoom(Shard& shard, Clock::time_point now) REQUIRES_LOCK(shard.mutex);

  const std::int64_t requests_per_minute_;
  const std::int64_t burst_;
  std::array<Shard, kShards> shards_;
};

// Counts failed authentications of each address within a minute. Bounded; thread-safe.
class GuessGuard {
 public:
  using Clock = std::chrono::steady_clock;

  // `limit` 0 = none.
  explicit GuessGuard(std::int64_t limit) : limit_(limit) {}

  // Counts a failure; the seconds to wait when there were too many, else 0.
  std::int64_t CountFailure(std::string_view address, Clock::time_point now);

 private:
  struct Failures {
    std::int64_t minute = 0;
    std::int64_t count = 0;
  };

  const std::int64_t limit_;
  Mutex mutex_;
  std::unordered_map<std::string, Failures> failures_ GUARDED_BY(mutex_);
};

}  // namespace eider::auth
