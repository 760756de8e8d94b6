#include "server/node_links.h"

#include <chrono>
#include <utility>

#include "base/encoding.h"
#include "base/text.h"
#include "server/data_node.h"
#include "server/option_mapping.h"

namespace eider::server {
namespace {

constexpr std::size_t kShortestSecret = 16;
constexpr std::size_t kIncarnationBytes = 16;

}  // namespace

Status NodeLinks::Check(const config::Config& config) {
  if (!config.cluster_enabled) return {};
  const auto bad = [](std::string message) { return Error(ErrorCode::kBadInput, std::move(message)); };
  if (config.cluster_secret.empty()) {
    return bad("CLUSTER_SECRET must be set, to the same text on all nodes, as of: openssl rand -base64 32");
  }
  if (config.node_name.empty()) return bad("CLUSTER_NODE_NAME must be set, to another name on each node");
  if (!cluster::IsNodeName(NodeName(config))) {
    return bad("CLUSTER_NODE_NAME must be 1 to 63 letters, digits, '.', '_' or '-': " + NodeName(config));
  }
  for (const auto& [name, value] :
       {std::pair("CLUSTER_TLS_CA", &config.cluster_tls_ca), std::pair("CLUSTER_TLS_CERT", &config.cluster_tls_cert),
        std::pair("CLUSTER_TLS_KEY", &config.cluster_tls_key)}) {
    if (!value->empty()) {
      return bad(std::string(name) +
                 " is not supported yet: leave it out, and keep the nodes in a network of their own");
    }
  }
  return {};
}

Result<std::unique_ptr<NodeLinks>> NodeLinks::Open(const config::Config& config, observe::Metrics& metrics,
                                                   observe::Log& log) {
  if (!config.cluster_enabled) return std::unique_ptr<NodeLinks>();
  if (config.cluster_secret.size() < kShortestSecret) log.Warn("CLUSTER_SECRET is shorter than 16 characters");
  EIDER_ASSIGN_OR_RETURN(const std::string random, RandomBytes(kIncarnationBytes));
  return std::unique_ptr<NodeLinks>(new NodeLinks(config, HexText(std::string_view(random)), metrics));
}

NodeLinks::NodeLinks(const config::Config& config, std::string incarnation, observe::Metrics& metrics)
    : name_(NodeName(config)),
      incarnation_(std::move(incarnation)) {
  const auto now_ms = [this] { return cluster::SystemNowMs() + clock_offset_ms_.load(); };
  cluster::CallVerifierOptions incoming;
  incoming.name = name_;
  incoming.secret = config.cluster_secret;
  incoming.previous = config.cluster_secret_previous;
  incoming.now_ms = now_ms;
  incoming.knows_node = [this](std::string_view name) {
    const auto knows = knows_node_.Get();
    return knows == nullptr || (*knows)(name);
  };
  incoming.is_management = IsReadOnlyCluster(config) && config.cluster_role == "management";
  verifier_ = std::make_unique<cluster::CallVerifier>(std::move(incoming));
  cluster::SignedPeerCallsOptions outgoing;
  outgoing.name = name_;
  outgoing.secret = config.cluster_secret;
  outgoing.timeout = config.cluster_timeout;
  outgoing.now_ms = now_ms;
  streams_ = std::make_unique<cluster::SignedPeerStreams>(
      cluster::SignedPeerStreamsOptions{.name = name_, .secret = config.cluster_secret, .now_ms = now_ms}, metrics);
  calls_ = std::make_unique<cluster::SignedPeerCalls>(std::move(outgoing), metrics);
}

std::string NodeLinks::PingJson() const {
  std::string json = "{\"node\":";
  AppendJsonString(json, name_);
  json.append(",\"incarnation\":");
  AppendJsonString(json, incarnation_);
  json.append(",\"version\":");
  AppendJsonString(json, DataNode::version());
  return json + "}";
}

}  // namespace eider::server
