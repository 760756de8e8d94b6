#pragma once

#include "cache/redis_store.h"
#include "cache/result_cache.h"
#include "config/config.h"
#include "observe/metrics.h"
#include "query/function_registry.h"

namespace eider::server {

// Registers those of the module `core.cache`. `cache` outlives the functions; null when no result is kept.
void RegisterCacheFunctions(query::FunctionRegistry& functions, cache::ResultCache* cache);

// Where results are shared with other nodes; null when they are not. Fails for options that fit no server.
Result<std::unique_ptr<cache::ResultStore>> MakeResultStore(const config::Config& config);

// Whether nodes have a redis in common.
bool HasRedis(const config::Config& config);

// How redis is reached, as configured.
Result<cache::RedisStore::Options> RedisOptionsOf(const config::Config& config);

// Makes `options` tell `metrics` how long calls take.
void TimeCache(observe::Metrics& metrics, cache::CacheOptions& options);

// Adds what the cache counts. `cache` outlives the registrations.
std::vector<observe::Metrics::Registration> AddCacheMetrics(observe::Metrics& metrics, const cache::ResultCache& cache);

}  // namespace eider::server
