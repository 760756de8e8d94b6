#pragma once

#include <memory>
#include <string>

#include "auth/identity.h"
#include "auth/permissions.h"
#include "cache/result_cache.h"
#include "graphql/collect.h"
#include "planner/bind.h"
#include "query/cache_reads.h"

namespace eider::query {

// What a field's directives say about the cache.
struct CacheDirectives {
  std::optional<cache::Rule> rule;  // @cache
  bool bypass = false;              // @no_cache
  bool fresh = false;               // @invalidate_cache
};

// Reads the directives of a field, over those of the modules around it. Fails for a time to live that is none.
planner::PlanResult<CacheDirectives> ReadCacheDirectives(const graphql::CollectContext& collect,
                                                         const graphql::CollectedField& field,
                                                         const CacheDirectives& around);

// Everything beside the field that separates results from each other.
struct CacheScope {
  const auth::Identity& identity;
  const auth::RoleRules& rules;  // Of its role.
  std::string_view zone;
  std::int64_t default_limit = 0;
  bool projection = false;  // Users whom a plan cannot tell apart share its results.
};

// What is to be kept of a root field; null when it is not to be kept at all.
std::shared_ptr<const cache::Wanted> WantedOf(const planner::BoundRoot& root, const CacheReads& reads,
                                              const CacheDirectives& directives, const CacheScope& scope,
                                              const cache::CacheOptions& options);

// Adds what of the identity separates results.
void AddIdentity(const CacheReads& reads, const CacheScope& scope, cache::KeyBuilder& key);

}  // namespace eider::query
