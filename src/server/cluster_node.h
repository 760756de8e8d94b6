#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/snapshot.h"
#include "cluster/desired_sources.h"
#include "cluster/link/signed_peer_calls.h"
#include "cluster/management_lease.h"
#include "cluster/membership.h"
#include "cluster/store_call.h"
#include "config/config.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "server/breaker_sharing.h"
#include "server/cluster_operations.h"
#include "server/core_pushes.h"
#include "server/data_node.h"
#include "server/node_links.h"
#include "server/queries_elsewhere.h"
#include "server/shared_auth.h"
#include "server/source_reconciler.h"

namespace eider::server {

struct ClusterParts {
  const config::Config& config;
  DataNode& data;
  NodeLinks& links;
  observe::Metrics& metrics;
  observe::Log& log;
  std::function<void()> look_again;          // Reads the versions of the core database soon.
  SharedAuth* shared_auth = nullptr;         // Auth settings of all nodes.
  std::string url = {};                      // Where this node is reached.
  std::function<bool()> is_overloaded = {};  // Whether more comes in than it can do; empty = never.
  std::function<bool()> is_ready = {};       // Whether nothing keeps it from serving; empty = nothing ever does.
  // Takes what the management node announces of a core database that is only read.
  std::function<void(cluster::StoreNews)> hear = {};
};

// This node as a member of its cluster: its row, the lease, what all nodes have loaded. Owned by the node; what it
// works with outlives it. Thread-safe.
class ClusterNode {
 public:
  // Checks the options that are the cluster's. Fails with kBadInput, for the operator.
  static Status Check(const config::Config& config);

  // Enters the node as starting. Fails with kCoreUnavailable.
  static Result<std::unique_ptr<ClusterNode>> Start(const ClusterParts& parts);
  ~ClusterNode();

  // The sources that were to be loaded at start are tried: the node is up, may lead, and follows the cluster.
  void SourcesTried();
  // The node is about to stop: gives the lease back and tells so.
  void Drain();
  // The last word: the row is removed.
  void Leave();

  // Told of the core database's versions and announcements.
  void OnVersions(const cluster::CoreVersions& versions);
  void OnEvent(const cluster::CoreEvent& event);
  // What the management node of a core database that is only read announces, and calls of that database.
  void Hear(cluster::StoreNews news) { parts_.hear(std::move(news)); }
  Result<std::string> AnswerStoreCall(const rapidjson::Value& call);
  // Lets a source be tried at once that could not be reached.
  void TryAgain(const std::string& source);
  // Looks at the desired sources at once.
  void LookAtSources();

  DataNode& data() { return parts_.data; }
  // Auth settings of all nodes.
  SharedAuth& shared_auth() { return *parts_.shared_auth; }
  const std::string& name() const { return name_; }
  // "management" or "worker"; a worker that leads is "management".
  std::string role() const;
  bool is_duplicate() const { return members_->is_duplicate(); }
  bool is_drained() const { return members_->is_drained(); }
  cluster::ManagementLease& lease() { return *lease_; }
  cluster::Membership& members() { return *members_; }
  SourceReconciler& reconciler() { return *reconciler_; }
  ClusterOperations& operations() { return *operations_; }
  // The queries of the other nodes.
  QueriesElsewhere& queries() { return queries_; }
  std::int64_t schema_version() const { return reconciler_->schema_version(); }

  // Whether enough other nodes serve while this one is overloaded: at most half of them may be out for that. Does not
  // block.
  bool MayLeaveForLoad() const;

  // The member called `name`, as the core database has it unless it is known to be alive. Nothing for one that is none.
  std::optional<cluster::MemberRow> FindMember(const std::string& name);

  // The rows of one of the tables nodes, sources, node_sources and events, as a JSON array.
  Result<std::string> Rows(std::string_view table);

 private:
  explicit ClusterNode(const ClusterParts& parts);

  void MakeMembership();
  void PushAnnouncements();
  // The members as the core database has them, else as they were known last.
  std::vector<cluster::MemberRow> PresentMembers();
  // All nodes but this one, unless they are known not to answer.
  std::vector<cluster::PeerAddress> Others();
  void MakeLease();
  Status ShareBreakers();
  int LiveNodes();
  cluster::MemberReport Report() const;
  // Whether a management node answers, or one that is ready.
  bool ManagementAnswers(bool only_ready);
  bool MayLead();
  void KeepModels();
  bool IsOverloaded() const { return parts_.is_overloaded && parts_.is_overloaded(); }
  void RefreshNames();
  void Announce(std::string_view kind, const std::string& detail);

  const ClusterParts parts_;
  const std::string name_;
  std::atomic<bool> tried_ = false;
  std::atomic<bool> draining_ = false;
  SnapshotHolder<std::set<std::string, std::less<>>> names_;
  std::unique_ptr<cluster::SignedPeerCalls> forwards_;
  std::unique_ptr<cluster::DesiredSources> desired_;
  std::unique_ptr<SourceReconciler> reconciler_;
  std::unique_ptr<cluster::ManagementLease> lease_;
  std::unique_ptr<cluster::Membership> members_;
  std::unique_ptr<ClusterOperations> operations_;
  QueriesElsewhere queries_{parts_.links.calls(), [this] { return Others(); }};
  std::unique_ptr<BreakerSharing> breakers_;  // Null unless breakers are shared.
  std::unique_ptr<CorePushes> pushes_;        // Null unless the core database lies in this node's memory.
};

}  // namespace eider::server
