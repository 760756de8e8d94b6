#include "server/shared_rates.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>

#include "base/digest.h"
#include "cache/breaker.h"
#include "cache/redis_store.h"
#include "server/cache_functions.h"

namespace eider::server {
namespace {

// A bucket is a hash of its tokens and the moment, by the server's clock, at which it had them.
constexpr const char* kScript = R"lua(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local per_ms = tonumber(ARGV[1]) / 60000
local burst = tonumber(ARGV[2])
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(bucket[1]) or burst
tokens = math.min(burst, tokens + math.max(0, now - (tonumber(bucket[2]) or now)) * per_ms)
local allowed = 0
if tokens >= 1 then
  tokens = tokens - 1
  allowed = 1
end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(now))
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / per_ms) + 1000)
return {allowed, tostring(tokens)}
)lua";

class RedisRates final : public auth::SharedBuckets {
 public:
  RedisRates(cache::RedisStore::Options options, std::chrono::milliseconds timeout)
      : store_(std::move(options)),
        timeout_(timeout) {
    store_.Learn();
  }

  bool IsUsable() const override { return breaker_.Admits(); }

  Result<Taken> Take(std::string_view principal, double per_minute, double burst) override {
    // Who it is need not be readable there.
    const std::string key = "{eider}:rate:" + HexText(Sha256(principal)).substr(0, kKeyChars);
    auto reply =
        store_.Command(key, {"EVAL", kScript, "1", key, fmt::format("{}", per_minute), fmt::format("{}", burst)},
                       Deadline::After(timeout_));
    if (!reply || reply->items.size() != 2) {
      breaker_.Failed();
      return reply ? Error(ErrorCode::kSourceUnavailable, "the cache server gives no bucket") : reply.error();
    }
    breaker_.Succeeded();
    return Taken{reply->items[0].Number() == 1, std::strtod(reply->items[1].text.c_str(), nullptr)};
  }

  void Refresh() override { store_.Learn(); }

 private:
  static constexpr std::size_t kKeyChars = 32;
  cache::RedisStore store_;
  const std::chrono::milliseconds timeout_;
  mutable cache::Breaker breaker_;
};

}  // namespace

Result<std::unique_ptr<auth::SharedBuckets>> MakeSharedRates(const config::Config& config) {
  if (!config.rate_limit_shared) return std::unique_ptr<auth::SharedBuckets>();
  if (!HasRedis(config)) {
    return Error(ErrorCode::kBadInput, "RATE_LIMIT_SHARED needs redis: set CACHE_L2_ENABLED and CACHE_L2_ADDRESSES");
  }
  EIDER_ASSIGN_OR_RETURN(cache::RedisStore::Options options, RedisOptionsOf(config));
  return std::unique_ptr<auth::SharedBuckets>(
      std::make_unique<RedisRates>(std::move(options), config.cache_l2_timeout));
}

}  // namespace eider::server
