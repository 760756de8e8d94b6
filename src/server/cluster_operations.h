#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "auth/identity.h"
#include "base/result.h"
#include "cluster/desired_sources.h"
#include "cluster/link/peer_calls.h"
#include "cluster/management_lease.h"
#include "cluster/membership.h"
#include "config/config.h"
#include "server/data_node.h"
#include "server/source_reconciler.h"

namespace eider::server {

// What an operation of the cluster answers: an OperationResult.
struct OperationOutcome {
  bool success = true;
  std::string message;
  std::int64_t affected_rows = 0;  // Workers that were asked.
  std::int64_t last_id = 0;        // Of these, failed ones.
};

enum class SourceOperation { kLoad, kUnload, kReload };

// The parts of a cluster's node that operations work with; all outlive them.
struct OperationParts {
  const config::Config& config;
  std::string node;
  DataNode& data;
  cluster::DesiredSources& desired;
  SourceReconciler& reconciler;
  cluster::ManagementLease& lease;
  cluster::Membership& members;
  cluster::PeerCalls& peers;     // Quick calls.
  cluster::PeerCalls& forwards;  // Calls that wait for a whole operation.
};

// Operations on all nodes: done by the leader, sent on to it by the others. Thread-safe; a failure is an outcome.
class ClusterOperations {
 public:
  explicit ClusterOperations(OperationParts parts) : parts_(std::move(parts)) {}

  // Loads, reloads or unloads a source on every node, for `identity`; waits for all nodes.
  OperationOutcome Run(SourceOperation operation, const std::string& source, const auth::Identity& identity);

  // Moves the lease to another node.
  OperationOutcome SetLeader(const std::string& node, const auth::Identity& identity);

  // Forgets a node that is not live.
  OperationOutcome RemoveNode(const std::string& node, const auth::Identity& identity);

  // Nothing is done before.
  void Begin() { ready_ = true; }

  // The last failure of an operation on this node; empty when the last one went well.
  std::string last_error() const;

 private:
  OperationOutcome Lead(SourceOperation operation, const std::string& source, const cluster::LeaseToken& lease);
  Result<cluster::SourceRecord> DoHere(SourceOperation operation, const std::string& source);
  Result<cluster::SourceRecord> LoadHere(const std::string& source);
  Result<cluster::SourceRecord> UnloadHere(const std::string& source);
  OperationOutcome AwaitNodes(std::string_view operation, const std::string& source, std::int64_t generation);
  OperationOutcome Forward(std::string_view operation, std::string_view argument, const std::string& value,
                           const auth::Identity& identity);
  OperationOutcome Keep(OperationOutcome outcome);

  const OperationParts parts_;
  std::atomic<bool> ready_ = false;
  mutable Mutex mutex_;
  std::string last_error_ GUARDED_BY(mutex_);
};

}  // namespace eider::server
