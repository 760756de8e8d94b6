#include "server/cache_functions.h"

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

std::vector<observe::Metrics::Registration> AddCacheMetrics(observe::Metrics& metrics,
                                                            const cache::ResultCache& cache) {
  using observe::Sample;
  std::vector<observe::Metrics::Registration> out;
  const auto value = [](auto number) { return static_cast<double>(number); };
  out.push_back(metrics.AddGauges("eider_cache_requests_total", "Look-ups of the result cache.", [&cache, value] {
    const cache::CacheCounts counts = cache.counts();
    return std::vector<Sample>{{{{"level", "l1"}, {"result", "hit"}}, value(counts.local_hits)},
                               {{{"level", "l1"}, {"result", "miss"}}, value(counts.local_misses)}};
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
  out.push_back(metrics.AddGauges(
      "eider_cache_invalidations_total", "Invalidations, by where they began.",
      [&cache, value] { return std::vector<Sample>{{{{"origin", "local"}}, value(cache.counts().invalidations)}}; }));
  out.push_back(metrics.AddGauge("eider_cache_singleflight_waiters",
                                 "Requests that wait for another one's computation.",
                                 [&cache, value] { return value(cache.counts().waiters); }));
  return out;
}

}  // namespace eider::server
