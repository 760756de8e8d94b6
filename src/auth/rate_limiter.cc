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

std::optional<RateState> RateLimiter::Take(std::string_view principal, std::optional<std::int64_t> of_role,
                                           Clock::time_point now) {
  const std::int64_t per_minute = of_role.value_or(requests_per_minute_);
  if (per_minute <= 0) return std::nullopt;
  const double per_second = static_cast<double>(per_minute) / 60.0;
  const double usual = std::max(1.0, std::ceil(2 * per_second));
  const double burst = burst_ > 0 && !of_role ? static_cast<double>(burst_) : usual;
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
  RateState state;
  state.limit = per_minute;
  state.allowed = bucket.tokens >= 1;
  if (state.allowed) bucket.tokens -= 1;
  state.remaining = static_cast<std::int64_t>(bucket.tokens);
  const double missing = state.allowed ? burst - bucket.tokens : 1 - bucket.tokens;
  state.reset = static_cast<std::int64_t>(std::ceil(missing / per_second));
  return state;
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
