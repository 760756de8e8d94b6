#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "async/admission.h"
#include "async/blocking_pool.h"
#include "base/result.h"
#include "config/config.h"
#include "http/server.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "observe/tracer.h"
#include "server/access.h"
#include "server/cache_announcer.h"
#include "server/cluster_node.h"
#include "server/core_follower.h"
#include "server/data_node.h"
#include "server/lone_sources.h"
#include "server/node_links.h"

namespace eider::server {

// A running server: the parts of a DataNode behind HTTP, with log and metrics. Owned by the `serve` command. Answers
// /health/live as soon as it has started, and is ready once every source was tried.
class Node {
 public:
  // Opens everything, starts to listen and loads the sources. Fails with a message for the operator when the engine,
  // the core database or an address cannot be had; a source that fails is reported by sources() instead.
  static Result<std::unique_ptr<Node>> Start(const config::Config& config);

  // Stops at once.
  ~Node();

  // Announces the end, lets running requests finish as long as configured, and closes.
  void Stop();

  // Reads the auth file again, soon. Any thread.
  void ReloadAccess() { access_->ReloadSoon(); }

  std::string address() const { return http_->address(); }
  DataNode& data() { return *data_; }
  observe::Log& log() { return log_; }

 private:
  explicit Node(const config::Config& config);

  AccessParts AccessPartsOf();
  Status JoinCluster();
  Status LoadSources();
  void RememberSources();
  // The end of a start that a failed source may end.
  Error GiveUpStart(const sources::SourceReport& failed);
  void AddSchemaParts(http::ServerParts& parts);
  void AddLinkParts(http::ServerParts& parts);
  void AddMetrics();
  std::vector<http::Reason> Readiness();
  // Whether the core database, or who has it in memory, has not answered for PERMISSION_STALE_LIMIT.
  bool IsStale() const;
  void AddClusterReasons(std::vector<http::Reason>& reasons);
  void AddSourceReasons(std::vector<http::Reason>& reasons);
  std::string HealthDetail();

  const config::Config config_;
  observe::Log log_;
  observe::Metrics metrics_;
  std::unique_ptr<observe::Tracer> tracer_;  // Null = no spans are sent.
  std::unique_ptr<DataNode> data_;
  std::vector<observe::Metrics::Registration> gauges_;
  async::Admission admission_;
  async::BlockingPool query_pool_;
  async::BlockingPool prepare_pool_;
  std::unique_ptr<async::BlockingPool> forward_pool_;  // Waits for answers of other nodes; null = there is no cluster.
  std::unique_ptr<NodeLinks> links_;                   // Null = there is no cluster.
  std::unique_ptr<CacheAnnouncer> announcer_;          // Null without a cache or a shared core database.
  std::unique_ptr<SharedAuth> shared_auth_;            // Null without a shared core database.
  std::unique_ptr<Access> access_;
  std::atomic<bool> sources_tried_{false};
  std::vector<std::string> warm_up_;                // Documents to be planned before it is ready.
  std::unique_ptr<ClusterNode> cluster_;            // Null unless it shares a core database with its cluster.
  std::atomic<CoreFollower*> following_ = nullptr;  // The same, once it is there.
  std::vector<observe::Metrics::Registration> cluster_gauges_;
  std::unique_ptr<CoreFollower> follower_;  // Null unless the core database is shared.
  std::unique_ptr<LoneSources> lone_;       // Null unless it is this node's own, to be written.
  std::unique_ptr<http::Server> http_;
};

}  // namespace eider::server
