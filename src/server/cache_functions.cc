#include "server/cache_functions.h"

#include "cache/memcached_store.h"
#include "cache/redis_store.h"

namespace eider::server {

void RegisterCacheFunctions(query::FunctionRegistry& functions, cache::ResultCache* cache) {
  functions.Register(
      "core.cache.invalidate",
      [cache](const rapidjson::Value& arguments, const query::RequestContext&) -> Result<std::string> {
        std::vector<std::string> tags;
        if (const auto given = arguments.FindMember("tags"); given != arguments.MemberEnd() && given->value.IsArray()) {
          for (const auto& tag : given->value.GetArray()) tags.emplace_back(tag.GetString(), tag.GetStringLength());
        }
        if (cache != nullptr && tags.empty()) cache->BumpAll();
        if (cache != nullptr && !tags.empty()) cache->Bump(tags);
        return std::string(R"({"success":true,"affected_rows":0,"last_id":null,"message":"cache invalidated"})");
      });
}

namespace {

Result<std::vector<cache::Address>> AddressesOf(const config::Config& config, std::string_view default_port) {
  std::vector<cache::Address> out;
  for (const std::string& text : config.cache_l2_addresses) {
    auto address = cache::ParseAddress(text, default_port);
    if (!address) return Error(ErrorCode::kBadInput, "CACHE_L2_ADDRESSES " + address.error().message);
    out.push_back(std::move(*address));
  }
  if (out.empty()) return Error(ErrorCode::kBadInput, "CACHE_L2_ADDRESSES must name the server, as HOST:PORT");
  return out;
}

// Null when nothing is to be encrypted.
Result<std::shared_ptr<const cache::TlsContext>> TlsOf(const config::Config& config) {
  if (!config.cache_l2_tls) return std::shared_ptr<const cache::TlsContext>();
  return cache::TlsContext::Make();
}

}  // namespace

bool HasRedis(const config::Config& config) {
  return config.cache_l2_enabled && config.cache_l2_backend == config::CacheBackend::kRedis;
}

Result<cache::RedisStore::Options> RedisOptionsOf(const config::Config& config) {
  cache::RedisStore::Options options;
  const bool sentinels = !config.cache_l2_sentinel_master.empty();
  EIDER_ASSIGN_OR_RETURN(options.addresses, AddressesOf(config, sentinels ? "26379" : "6379"));
  options.database = static_cast<int>(config.cache_l2_database);
  if (options.database != 0 && options.addresses.size() > 1 && !sentinels) {
    return Error(ErrorCode::kBadInput, "CACHE_L2_DATABASE: a redis cluster has only database 0");
  }
  EIDER_ASSIGN_OR_RETURN(options.tls, TlsOf(config));
  options.username = config.cache_l2_username;
  options.password = config.cache_l2_password;
  options.sentinel_master = config.cache_l2_sentinel_master;
  options.pool_size = static_cast<std::size_t>(config.cache_l2_pool_size);
  return options;
}

Result<std::unique_ptr<cache::ResultStore>> MakeResultStore(const config::Config& config) {
  if (!config.cache_l2_enabled) return nullptr;
  if (config.cache_l2_backend == config::CacheBackend::kMemcached) {
    if (!config.cache_l2_username.empty() || !config.cache_l2_password.empty() || config.cache_l2_database != 0 ||
        !config.cache_l2_sentinel_master.empty()) {
      return Error(ErrorCode::kBadInput,
                   "memcached knows no CACHE_L2_USERNAME, _PASSWORD, _DATABASE, _SENTINEL_MASTER");
    }
    EIDER_ASSIGN_OR_RETURN(auto addresses, AddressesOf(config, "11211"));
    EIDER_ASSIGN_OR_RETURN(auto tls, TlsOf(config));
    return std::make_unique<cache::MemcachedStore>(std::move(addresses),
                                                   static_cast<std::size_t>(config.cache_l2_pool_size), std::move(tls));
  }
  EIDER_ASSIGN_OR_RETURN(cache::RedisStore::Options options, RedisOptionsOf(config));
  return std::make_unique<cache::RedisStore>(std::move(options));
}

void TimeCache(observe::Metrics& metrics, cache::CacheOptions& options) {
  const auto times = [&metrics](const char* level, const char* op) {
    return &metrics.GetHistogram("eider_cache_op_seconds", "How long calls of the result cache take.",
                                 {{"level", level}, {"op", op}});
  };
  if (options.local) {
    options.local_times.get = times("l1", "get");
    options.local_times.set = times("l1", "set");
  }
  options.shared_times = {times("l2", "get"), times("l2", "set"), times("l2", "delete"), times("l2", "bump"),
                          times("l2", "lock")};
}

std::vector<observe::Metrics::Registration> AddCacheMetrics(observe::Metrics& metrics,
                                                            const cache::ResultCache& cache) {
  using observe::Sample;
  std::vector<observe::Metrics::Registration> out;
  const auto value = [](auto number) { return static_cast<double>(number); };
  out.push_back(metrics.AddGauges("eider_cache_requests_total", "Look-ups of the result cache.", [&cache, value] {
    const cache::CacheCounts counts = cache.counts();
    std::vector<Sample> samples = {{{{"level", "l1"}, {"result", "hit"}}, value(counts.local_hits)},
                                   {{{"level", "l1"}, {"result", "miss"}}, value(counts.local_misses)}};
    if (counts.shared) {
      samples.push_back({{{"level", "l2"}, {"result", "hit"}}, value(counts.shared->hits)});
      samples.push_back({{{"level", "l2"}, {"result", "miss"}}, value(counts.shared->misses)});
    }
    return samples;
  }));
  out.push_back(metrics.AddGauges("eider_cache_bytes", "Bytes of kept results.", [&cache, value] {
    return std::vector<Sample>{{{{"level", "l1"}}, value(cache.counts().local.bytes)}};
  }));
  out.push_back(metrics.AddGauges("eider_cache_entries", "Kept results.", [&cache, value] {
    return std::vector<Sample>{{{{"level", "l1"}}, value(cache.counts().local.entries)}};
  }));
  out.push_back(metrics.AddGauges("eider_cache_evictions_total", "Results that were given up.", [&cache, value] {
    const cache::LocalStore::Counts counts = cache.counts().local;
    return std::vector<Sample>{{{{"reason", "size"}}, value(counts.evicted_for_room)},
                               {{{"reason", "expired"}}, value(counts.evicted_expired)},
                               {{{"reason", "invalidated"}}, value(counts.evicted_invalid)},
                               {{{"reason", "too_large"}}, value(counts.refused_large)}};
  }));
  out.push_back(
      metrics.AddGauges("eider_cache_invalidations_total", "Invalidations, by where they began.", [&cache, value] {
        const cache::CacheCounts counts = cache.counts();
        const std::uint64_t remote = counts.heard + (counts.shared ? counts.shared->bumps_of_others : 0);
        return std::vector<Sample>{{{{"origin", "local"}}, value(counts.invalidations)},
                                   {{{"origin", "remote"}}, value(remote)}};
      }));
  out.push_back(metrics.AddGauge("eider_cache_singleflight_waiters",
                                 "Requests that wait for another one's computation.",
                                 [&cache, value] { return value(cache.counts().waiters); }));
  if (!cache.counts().shared) return out;
  out.push_back(metrics.AddGauges("eider_cache_l2_errors_total", "Failures of the cache server.", [&cache, value] {
    const cache::SharedCounts counts = *cache.counts().shared;
    return std::vector<Sample>{{{{"op", "get"}}, value(counts.fetch_errors)},
                               {{{"op", "set"}}, value(counts.store_errors)},
                               {{{"op", "bump"}}, value(counts.bump_errors)},
                               {{{"op", "poll"}}, value(counts.poll_errors)}};
  }));
  out.push_back(metrics.AddGauge("eider_cache_l2_breaker_open", "1 while the cache server is left alone.",
                                 [&cache] { return cache.counts().shared->breaker_open ? 1.0 : 0.0; }));
  return out;
}

}  // namespace eider::server
