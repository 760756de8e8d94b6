#pragma once

#include <string>

#include "auth/live_queries.h"
#include "query/function_registry.h"
#include "server/data_node.h"

namespace eider::server {

// Registers those of the module `core.queries`. `live` and `slot` outlive the functions; `node` is this node's name.
void RegisterQueryFunctions(query::FunctionRegistry& functions, auth::LiveQueries& live, const ClusterSlot& slot,
                            const std::string& node);

// The queries of all nodes that `viewer` may see, as a JSON list. Waits for the other nodes a second at most.
std::string RunningQueries(auth::LiveQueries& live, const ClusterSlot& slot, const std::string& node,
                           const auth::Identity& viewer);

}  // namespace eider::server
