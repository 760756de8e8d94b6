#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/blocking_pool.h"
#include "auth/live_queries.h"
#include "auth/permission_store.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/snapshot.h"
#include "cluster/core_database.h"
#include "cluster/core_snapshot.h"
#include "cluster/key_check.h"
#include "cluster/link/signed_peer_calls.h"
#include "cluster/memory_core_store.h"
#include "cluster/pg_core_store.h"
#include "cluster/remote_core_store.h"
#include "engine/database.h"
#include "engine/session_pool.h"
#include "observe/audit_log.h"
#include "observe/metrics.h"
#include "observe/query_history.h"
#include "query/query_service.h"
#include "server/breaker_monitor.h"
#include "server/core_functions.h"
#include "server/event_tail.h"
#include "server/key_table.h"
#include "server/pulse_monitor.h"
#include "sources/source_registry.h"
#include "tls/node_certificates.h"

namespace eider::server {

class ClusterNode;
using ClusterSlot = std::atomic<ClusterNode*>;
class LoneSources;

struct DataNodeOptions {
  config::Config config;                // Its engine and query options; `sources` are declared.
  bool with_core = true;                // Without it there are the declared sources only.
  observe::Log* log = nullptr;          // Where functions write that are asked to; outlives the node. Null = nowhere.
  observe::Metrics* metrics = nullptr;  // Where times are told; outlives the node. Null = nowhere.
  bool only_looks = false;              // Leaves the core database and its key as they are; for options of DryCore().
  bool audits = false;                  // Writes down what is done; needs `log`.
  std::shared_ptr<tls::NodeCertificates> certificates = {};  // For calls to other nodes; null = without TLS.
};

// Everything of a node below the network: engine, core database, sources and the query service, built in this order and
// stopped in reverse. Owned by the composition root or by a command that needs no server.
class DataNode {
 public:
  // Opens engine and core database and publishes the schema of the core module; loads no source yet. Fails with a
  // message for the operator.
  static Result<std::unique_ptr<DataNode>> Open(const DataNodeOptions& options);
  ~DataNode();

  // What could not be made usable at start, one text each.
  const std::vector<std::string>& start_problems() const { return start_problems_; }

  const auth::PermissionStore& permissions() const { return *permissions_; }
  query::EngineQueryService& service() { return *service_; }
  sources::SourceRegistry& sources() { return *sources_; }
  engine::Database& database() { return *database_; }
  // The core database that several nodes share; null when it is this node's own.
  cluster::CoreStore* store() { return store_.get(); }
  // The same by its kind; null when it is of another one.
  cluster::PgCoreStore* pg_store() { return pg_store_; }
  cluster::MemoryCoreStore* memory_store() { return memory_store_; }
  cluster::RemoteCoreStore* remote_store() { return remote_store_; }
  // Null without a core database.
  cluster::CoreDatabase* core() { return core_.get(); }
  // Takes over what other nodes have written when `versions` are newer; whether they were. Fails with kCoreUnavailable.
  Result<bool> FollowCore(const cluster::CoreVersions& versions);
  // What this node knew of the shared core database when it did not answer at the start; null when it did.
  const cluster::CoreSnapshot* start_snapshot() const { return start_snapshot_ ? &*start_snapshot_ : nullptr; }
  // Checks a shared core database that did not answer at the start, once it does. Fails as the start would have.
  Status AdoptStore();
  // Keeps what is known of the shared core database for a start without it, when it has changed.
  void KeepSnapshot();
  // Whether this node has the key that the shared core database is encrypted with, as of the last look.
  bool has_core_key() const { return has_core_key_; }
  // Has that look. Fails with kCoreUnavailable.
  Status LookAtCoreKey();
  // Where functions look for the node's cluster; set by who has one.
  ClusterSlot& cluster() { return cluster_; }
  // The same for who remembers what a node that stands alone has loaded.
  LoneSlot& lone() { return lone_; }
  sources::ObjectStorages& storages() { return *storages_; }
  // Makes the object storages of the shared core database usable here. Fails with what is not usable.
  Status SyncStorages();
  // Kept results that were read from a source are no longer true; other nodes find out themselves.
  void ForgetResults(const std::string& source);
  // Nothing that this node keeps is true any more: results, all or those of a source, and plans.
  void ForgetEverything(const std::optional<std::string>& source);
  auth::LiveQueries& live() { return live_; }
  cache::ResultCache* cache() { return cache_.get(); }  // Null when no result is kept.
  // Null when requests are not written down.
  observe::QueryHistory* history() { return history_.get(); }
  // Null when nothing is written down.
  observe::AuditLog* audit() { return audit_.get(); }
  // Null without a core database.
  KeyTable* keys() { return keys_.get(); }
  cluster::CoreSecrets& secrets() { return *secrets_; }

  // Encrypts the secrets of the core database with the present key and returns how many there are. Nothing else may
  // use the database meanwhile.
  Result<int> RotateKeys();

  // The executable's version, and the engine's.
  static std::string version();
  static std::string build_date();

 private:
  DataNode() = default;

  Status OpenCore(const DataNodeOptions& options);
  Status OpenStore(const DataNodeOptions& options, const std::shared_ptr<const cluster::CoreCipher>& cipher);
  Status OpenPgStore(const config::Config& config, const std::shared_ptr<const cluster::CoreCipher>& cipher);
  Status OpenReadOnlyStore(const DataNodeOptions& options);
  // What all nodes have loaded before anybody asks for anything: the sources of the file.
  Status WantRegistered(const config::Config& config);
  Status CheckStore(const config::Config& config);
  // What tells the core database in memory, here or at the management node, from the one before.
  std::string StoreIdentity() const;
  Status CheckKeys(const config::Config& config);

  observe::Log* log_ = nullptr;
  bool only_looks_ = false;
  cluster::KeyCheck core_key_;
  std::atomic<bool> has_core_key_ = true;
  std::unique_ptr<cluster::CoreSnapshots> snapshots_;  // Null = none is kept.
  std::optional<cluster::CoreSnapshot> start_snapshot_;
  std::function<Status()> adopt_store_;
  Mutex adopt_mutex_;
  std::atomic<bool> is_adopted_ = true;
  std::optional<cluster::CoreVersions> kept_;  // Of the last snapshot; of the follower's thread.
  ClusterSlot cluster_{nullptr};
  LoneSlot lone_{nullptr};
  auth::LiveQueries live_;
  std::unique_ptr<engine::Database> database_;
  std::unique_ptr<engine::SessionPool> sessions_;
  std::unique_ptr<cluster::CoreSecrets> secrets_;
  std::unique_ptr<cluster::SignedPeerCalls> core_calls_;
  std::unique_ptr<cluster::CoreStore> store_;
  cluster::PgCoreStore* pg_store_ = nullptr;
  cluster::MemoryCoreStore* memory_store_ = nullptr;
  cluster::RemoteCoreStore* remote_store_ = nullptr;
  std::unique_ptr<cluster::CoreDatabase> core_;
  std::unique_ptr<auth::PermissionStore> permissions_;
  std::unique_ptr<KeyTable> keys_;
  SnapshotHolder<catalog::Snapshot> snapshot_;
  std::unique_ptr<sources::ObjectStorages> storages_;
  std::vector<std::string> start_problems_;
  std::unique_ptr<sources::SourceRegistry> sources_;
  query::FunctionRegistry functions_;
  query::StreamRegistry streams_;
  std::unique_ptr<query::SessionRouter> router_;
  std::unique_ptr<observe::AuditLog> audit_;
  std::unique_ptr<observe::QueryHistory> history_;
  std::unique_ptr<async::BlockingPool> helpers_;
  std::unique_ptr<cache::ResultCache> cache_;
  std::unique_ptr<async::BlockingPool> flights_;
  std::unique_ptr<EventTail> events_;  // Null unless the node is a member of a cluster.
  std::unique_ptr<query::EngineQueryService> service_;
  std::unique_ptr<PulseMonitor> pulse_;
  std::unique_ptr<BreakerMonitor> breakers_;
};

}  // namespace eider::server
