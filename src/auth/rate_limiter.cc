#include "auth/rate_limiter.h"

#include <algorithm>
#include <cmath>

namespace eider::auth {
namespace {

constexpr std::size_t kMostBuckets = 2048;  // Of one shard.
constexpr std::size_t kMostAddresses = 65'536;
constexpr auto kForgetAfter = std::chrono::minutes(2);

}  // namespace

void RateLimiter::MakeRoom(Shard& shard, Clock::time_point now) {
  if (shard.buckets.size() < kMostBuckets) return;
  std::erase_if(shard.buckets, [&](const auto& entry) { return now - entry.second.filled > kForgetAfter; });
  if (shard.buckets.size() >= kMostBuckets) shard.buckets.erase(shard.buckets.begin());
}

std::optional<RateLimiter::Limit> RateLimiter::LimitFor(std::optional<std::int64_t> of_role) const {
  const std::int64_t per_minute = of_role.value_or(requests_per_minute_);
  if (per_minute <= 0) return std::nullopt;
  const double usual = std::max(1.0, std::ceil(2 * static_cast<double>(per_minute) / 60.0));
  return Limit{per_minute, burst_ > 0 && !of_role ? static_cast<double>(burst_) : usual};
}

RateState RateLimiter::StateOf(const Limit& limit, bool allowed, double tokens) {
  RateState state;
  state.limit = limit.per_minute;
  state.allowed = allowed;
  state.remaining = static_cast<std::int64_t>(tokens);
  const double missing = allowed ? limit.burst - tokens : 1 - tokens;
  state.reset = static_cast<std::int64_t>(std::ceil(missing * 60.0 / static_cast<double>(limit.per_minute)));
  return state;
}

std::optional<RateState> RateLimiter::Take(std::string_view principal, std::optional<std::int64_t> of_role,
                                           Clock::time_point now) {
  const auto limit = LimitFor(of_role);
  if (!limit) return std::nullopt;
  const double per_second = static_cast<double>(limit->per_minute) / 60.0;
  const double burst = limit->burst;
  std::string key(principal);
  Shard& shard = shards_[std::hash<std::string>()(key) % kShards];
  MutexLock lock(shard.mutex);
  auto found = shard.buckets.find(key);
  if (found == shard.buckets.end()) {
    MakeRoom(shard, now);
    found = shard.buckets.emplace(std::move(key), Bucket{burst, now}).first;
  }
  Bucket& bucket = found->second;
  const double passed = std::chrono::duration<double>(now - bucket.filled).count();
  bucket.tokens = std::min(burst, bucket.tokens + std::max(0.0, passed) * per_second);
  bucket.filled = now;
  const bool allowed = bucket.tokens >= 1;
  if (allowed) bucket.tokens -= 1;
  return StateOf(*limit, allowed, bucket.tokens);
}

std::int64_t GuessGuard::CountFailure(std::string_view address, Clock::time_point now) {
  if (limit_ <= 0) return 0;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  const std::int64_t minute = seconds / 60;
  MutexLock lock(mutex_);
  if (failures_.size() >= kMostAddresses) {
    std::erase_if(failures_, [&](const auto& entry) { return entry.second.minute != minute; });
    if (failures_.size() >= kMostAddresses) failures_.clear();
  }
  Failures& failures = failures_[std::string(address)];
  if (failures.minute != minute) failures = {minute, 0};
  return ++failures.count > limit_ ? 60 - seconds % 60 : 0;
}

}  // namespace eider::auth
