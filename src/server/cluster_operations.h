#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/identity.h"
#include "base/result.h"
#include "cluster/desired_sources.h"
#include "cluster/link/peer_calls.h"
#include "cluster/management_lease.h"
#include "cluster/membership.h"
#include "config/config.h"
#include "server/data_node.h"
#include "server/operation_call.h"
#include "server/operation_outcome.h"
#include "server/shared_auth.h"
#include "server/source_reconciler.h"

namespace eider::server {

class BreakerSharing;

// Who asks for an operation.
struct OperationCaller {
  const auth::Identity& identity;
  std::string idempotency_key = {};  // Tells a request that is sent twice; empty = none.
  std::string client_ip = {};        // Where it came from, and how it is called in logs.
  std::string request_id = {};
  std::string least_schema = {};  // Version of the schema that it has seen; empty = any.
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
  SharedAuth& shared_auth;
  BreakerSharing* breakers = nullptr;  // Null = breakers are not shared.
};

// Operations on all nodes: done by the leader, sent on to it by the others. Thread-safe; a failure is an outcome.
class ClusterOperations {
 public:
  explicit ClusterOperations(OperationParts parts) : parts_(std::move(parts)) {}

  // Loads, reloads or unloads a source on every node, for `identity`; waits for all nodes.
  OperationOutcome Run(SourceOperation operation, const std::string& source, const OperationCaller& caller);

  // Moves the lease to another node.
  OperationOutcome SetLeader(const std::string& node, const OperationCaller& caller);

  // Forgets a node that is not live.
  OperationOutcome RemoveNode(const std::string& node, const OperationCaller& caller);

  // Drops what all nodes keep of a source's results, or everything when it is nothing; on this node first.
  OperationOutcome InvalidateCache(const std::optional<std::string>& source, const OperationCaller& caller);

  // Makes an object storage usable on all nodes, or forgets it; another leader is sent `request`.
  OperationOutcome RegisterStorage(const sources::ObjectStorage& storage, const OperationRequest& request,
                                   const OperationCaller& caller);
  OperationOutcome UnregisterStorage(const std::string& name, const OperationRequest& request,
                                     const OperationCaller& caller);

  // Stores auth settings (JSON) for all nodes; they are used on this node when it returns.
  OperationOutcome SetAuthConfig(const std::string& config, const OperationCaller& caller);

  // Lets all nodes try a source at once that they could not reach.
  OperationOutcome ResetBreaker(const std::string& source, const OperationCaller& caller);

  // Takes a node out of service, or puts it into service again.
  OperationOutcome SetDrained(const std::string& node, bool drained, const OperationCaller& caller);

  // Runs `run`, or answers what it answered to the same caller within the last minute; `what` names the operation with
  // its arguments. Without a key of the caller it always runs. For the node that leads.
  OperationOutcome Once(const std::string& what, const OperationCaller& caller,
                        const std::function<OperationOutcome()>& run);

  // Runs `run` again for a moment while nobody leads: a lease changes hands.
  OperationOutcome Led(const StopToken& stop, const std::function<OperationOutcome()>& run);

  // Nothing is done before.
  void Begin() { ready_ = true; }

  // The last failure of an operation on this node; empty when the last one went well.
  std::string last_error() const;

 private:
  OperationOutcome Lead(SourceOperation operation, const std::string& source, const cluster::LeaseToken& lease);
  // Writes down what all nodes should have now; the generation of it.
  Result<std::int64_t> Want(SourceOperation operation, const cluster::SourceRecord& record,
                            const cluster::LeaseToken& lease);
  Result<cluster::SourceRecord> DoHere(SourceOperation operation, const std::string& source);
  Result<cluster::SourceRecord> LoadHere(const std::string& source);
  Result<cluster::SourceRecord> UnloadHere(const std::string& source);
  OperationOutcome AwaitNodes(std::string_view operation, const std::string& source, std::int64_t generation);
  OperationOutcome Forward(const OperationRequest& request, const OperationCaller& caller);
  // The node that leads, as far as this one can tell.
  std::optional<cluster::PeerAddress> Leader() const;
  // The node at CLUSTER_MANAGEMENT_URL while the core database does not answer.
  std::optional<cluster::PeerAddress> HintedLeader() const;
  OperationOutcome Forward(std::string_view operation, std::vector<OperationArgument> arguments,
                           const OperationCaller& caller) {
    return Forward(OperationRequest{"cluster", std::string(operation), std::move(arguments)}, caller);
  }
  OperationOutcome RunRound(std::string_view operation, const cluster::PeerCall& call);
  OperationOutcome ShareSecrets(std::string_view operation, const Status& done, const std::string& note);
  OperationOutcome AwaitDrained(const std::string& node, bool drained);
  OperationOutcome Keep(OperationOutcome outcome);

  // Waits until this node serves what all nodes serve by now.
  void CatchUp();

  struct Remembered {
    Deadline::Clock::time_point at;
    std::optional<OperationOutcome> outcome;  // Nothing = it still runs.
  };
  const OperationParts parts_;
  std::atomic<bool> ready_ = false;
  mutable Mutex mutex_;
  std::string last_error_ GUARDED_BY(mutex_);
  CondVar remembered_more_;
  std::map<std::string, Remembered> remembered_ GUARDED_BY(mutex_);
};

}  // namespace eider::server
