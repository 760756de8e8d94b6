#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/snapshot.h"
#include "cluster/link/call_verifier.h"
#include "cluster/link/signed_peer_calls.h"
#include "cluster/link/signed_peer_streams.h"
#include "config/config.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "tls/node_certificates.h"

namespace eider::server {

// The links of a node to the others of its cluster, in both directions. Owned by the node, made before its listeners
// and destroyed after them. Thread-safe.
class NodeLinks {
 public:
  // Fails with kBadInput for options that do not fit, for the operator.
  static Status Check(const config::Config& config);
  using Certificates = std::shared_ptr<tls::NodeCertificates>;
  // What TLS between nodes needs; null without it. Fails with kBadInput, for the operator. `log` hears of files that
  // change, and outlives the certificates; null = nobody hears. REQUIRES: Check() passed.
  static Result<Certificates> OpenCertificates(const config::Config& config, observe::Log* log);
  // Null when this node belongs to no cluster. REQUIRES: Check() passed.
  static Result<std::unique_ptr<NodeLinks>> Open(const config::Config& config, Certificates certificates,
                                                 observe::Metrics& metrics, observe::Log& log);

  cluster::PeerCalls& calls() { return *calls_; }
  cluster::PeerStreams& streams() { return *streams_; }
  cluster::CallVerifier& verifier() { return *verifier_; }
  const Certificates& certificates() const { return certificates_; }

  // Random text that tells this process from any other with its name.
  const std::string& incarnation() const { return incarnation_; }

  // How far the database's clock is ahead of this machine's.
  void set_clock_offset(std::chrono::milliseconds offset) { clock_offset_ms_ = offset.count(); }
  std::chrono::milliseconds clock_offset() const { return std::chrono::milliseconds(clock_offset_ms_.load()); }

  // Who belongs to the cluster; until it is set, every name does.
  using KnowsNode = std::function<bool(std::string_view name)>;
  void set_knows_node(KnowsNode knows) { knows_node_.Set(std::make_shared<const KnowsNode>(std::move(knows))); }

  // What another node is told that asks whether this one lives.
  std::string PingJson() const;

 private:
  NodeLinks(const config::Config& config, Certificates certificates, std::string incarnation,
            observe::Metrics& metrics);

  const std::string name_;
  const std::string incarnation_;
  const Certificates certificates_;
  std::atomic<std::int64_t> clock_offset_ms_{0};
  SnapshotHolder<KnowsNode> knows_node_;
  std::unique_ptr<cluster::CallVerifier> verifier_;
  std::unique_ptr<cluster::SignedPeerCalls> calls_;
  std::unique_ptr<cluster::SignedPeerStreams> streams_;
};

}  // namespace eider::server
