#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "graphql/introspection.h"
#include "planner/access.h"
#include "planner/bind.h"
#include "query/cache_request.h"
#include "query/jq_runner.h"
#include "query/lru_cache.h"
#include "query/operation.h"
#include "query/prepared_plan.h"
#include "query/response_plan.h"

namespace eider::query {

// What turning an operation into a response plan needs; borrowed for the call.
struct BuildParts {
  LruCache<PreparedPlan>& plans;
  const FunctionRegistry& functions;
  JqRunner& jq;
  const JqVariables& jq_variables;  // What the programs of jq fields see.
  planner::PlanOptions plan_options;
  std::size_t introspection_depth = 7;
  const auth::RoleRules& rules;                   // Of the role that asks.
  std::shared_ptr<const planner::Access> access;  // The same as parts of plans; null = no rules at all.
  planner::Requester requester;
  cache::ResultCache* cache = nullptr;  // Null = nothing is kept.
  const auth::Identity& identity;
  std::string_view zone;
  const std::function<bool(std::string_view)>* is_away =
      nullptr;                                    // Whether a source cannot be reached; null = all can.
  bool core_only = false;                         // Nothing but the module core and introspection is served.
  bool is_drained = false;                        // The same, for a while.
  std::vector<std::string>* plan_keys = nullptr;  // As RequestContext::plan_keys.
};

// A failure as the body to be sent.
struct BuildFailure {
  std::string body;
  std::string_view code;
  std::string denied = {};  // What the role may not use, for the audit log alone.
  bool is_not_served = false;
};

struct BuiltResponse {
  ResponsePlan plan;
  std::uint64_t plan_hits = 0;
  std::uint64_t plan_misses = 0;
};

// Plans every root field of the operation, taking plans from the cache where they are known.
tl::expected<BuiltResponse, BuildFailure> BuildResponse(const BuildParts& parts, const Operation& operation,
                                                        const graphql::OperationDefinition& definition,
                                                        const graphql::Variables& variables,
                                                        const planner::ZoneOffset& zone);

}  // namespace eider::query
