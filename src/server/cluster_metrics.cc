#include "server/cluster_metrics.h"

#include <chrono>
#include <map>
#include <utility>

namespace eider::server {

using observe::Labels;
using observe::Sample;

std::vector<observe::Metrics::Registration> AddClusterMetrics(observe::Metrics& metrics, ClusterNode& cluster) {
  using Seconds = std::chrono::duration<double>;
  std::vector<observe::Metrics::Registration> out;
  const auto add = [&](const char* name, const char* help, std::function<double()> read) {
    out.push_back(metrics.AddGauge(name, help, std::move(read)));
  };
  add("eider_cluster_leader_is_self", "1 while this node leads.",
      [&cluster] { return cluster.lease().is_held() ? 1.0 : 0.0; });
  add("eider_cluster_epoch", "Number of the latest leadership that this node has heard of.",
      [&cluster] { return static_cast<double>(cluster.lease().highest_epoch()); });
  add("eider_cluster_leader_changes_total", "Changes of it that this node has seen.",
      [&cluster] { return static_cast<double>(cluster.lease().leader_changes()); });
  add("eider_cluster_lease_remaining_seconds", "How much longer this node believes that it leads.",
      [&cluster] { return Seconds(cluster.lease().remaining()).count(); });
  add("eider_cluster_clock_offset_seconds", "How far the core database's clock is ahead of this machine's.",
      [&cluster] { return Seconds(cluster.members().clock_offset()).count(); });
  add("eider_cluster_schema_lag", "Versions of the sources that this node has heard of and not reached yet.",
      [&cluster] { return static_cast<double>(cluster.reconciler().lag()); });
  out.push_back(
      metrics.AddGauges("eider_cluster_nodes", "Members of the cluster as of the last heartbeat.", [&cluster] {
        std::map<std::pair<std::string, std::string>, int> counts;
        for (const cluster::MemberRow& member : cluster.members().KnownMembers())
          ++counts[{member.role, member.status}];
        std::vector<Sample> samples;
        for (const auto& [which, count] : counts) {
          samples.push_back({{{"role", which.first}, {"state", which.second}}, static_cast<double>(count)});
        }
        return samples;
      }));
  return out;
}

void CountMembership(observe::Metrics& metrics, cluster::MembershipOptions& options) {
  auto& seconds = metrics.GetHistogram("eider_cluster_heartbeat_seconds", "Time of heartbeats.");
  auto& failures =
      metrics.GetCounter("eider_cluster_heartbeat_failures_total", "Heartbeats that were not written down.");
  options.on_heartbeat = [&seconds, &failures](std::chrono::nanoseconds time, bool written) {
    seconds.Observe(time);
    if (!written) failures.Add();
  };
  options.on_silence = [&metrics](const std::string& node) {
    metrics
        .GetCounter("eider_cluster_probe_failures_total", "Members that did not answer when they were looked at.",
                    {{"node", node}})
        .Add();
  };
}

void CountSync(observe::Metrics& metrics, const char* kind, std::chrono::nanoseconds time, bool done) {
  const Labels labels{{"kind", kind}, {"outcome", done ? "ok" : "error"}};
  metrics.GetCounter("eider_cluster_sync_total", "What was taken over from the cluster.", labels).Add();
  metrics.GetHistogram("eider_cluster_sync_seconds", "Time that it took.", labels).Observe(time);
}

void ObserveStore(observe::Metrics& metrics, cluster::PgCoreStore& store) {
  store.set_observer([&metrics](std::string_view operation, std::chrono::nanoseconds time, bool answered) {
    const Labels labels{{"op", std::string(operation)}, {"state", answered ? "ok" : "unreachable"}};
    metrics.GetHistogram("eider_core_db_seconds", "Time of calls of the shared core database.", labels).Observe(time);
  });
}

}  // namespace eider::server
