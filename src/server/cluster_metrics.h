#pragma once

#include <vector>

#include "cluster/pg_core_store.h"
#include "observe/metrics.h"
#include "server/cluster_node.h"

namespace eider::server {

// Adds eider_cluster_*: who leads and for how long yet, the members, how far this node is behind. `cluster` outlives
// them.
[[nodiscard]] std::vector<observe::Metrics::Registration> AddClusterMetrics(observe::Metrics& metrics,
                                                                            ClusterNode& cluster);

// Counts the heartbeats and probes of `options` from now on. `metrics` outlives who uses them.
void CountMembership(observe::Metrics& metrics, cluster::MembershipOptions& options);

// Counts one thing of `kind` that this node took over from the cluster: "schema" or "core".
void CountSync(observe::Metrics& metrics, const char* kind, std::chrono::nanoseconds time, bool done);

// Adds eider_core_db_seconds. `metrics` outlives `store`.
void ObserveStore(observe::Metrics& metrics, cluster::PgCoreStore& store);

}  // namespace eider::server
