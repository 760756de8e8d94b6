#pragma once

#include "query/function_registry.h"
#include "server/cluster_node.h"

namespace eider::server {

// Registers those of the module `core.cluster`. `slot` outlives the functions.
void RegisterClusterFunctions(query::FunctionRegistry& functions, const ClusterSlot& slot);

// Makes `core.load_data_source` and its opposite operations of the whole cluster.
void RegisterClusterLoading(query::FunctionRegistry& functions, const ClusterSlot& slot);

// Makes the rows of the module's tables known to the engine, as eider_cluster_rows(table).
Status AddClusterTables(engine::Database& database, const ClusterSlot& slot);

}  // namespace eider::server
