#pragma once

#include <string>

#include "auth/live_queries.h"
#include "query/function_registry.h"

namespace eider::server {

// Registers those of the module `core.queries`. `live` outlives the functions; `node` is this node's name.
void RegisterQueryFunctions(query::FunctionRegistry& functions, auth::LiveQueries& live, const std::string& node);

}  // namespace eider::server
