#include "server/node_links.h"

#include <algorithm>
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

Status CheckTls(const config::Config& config) {
  const std::pair<const char*, const std::string*> options[] = {{"CLUSTER_TLS_CA", &config.cluster_tls_ca},
                                                                {"CLUSTER_TLS_CERT", &config.cluster_tls_cert},
                                                                {"CLUSTER_TLS_KEY", &config.cluster_tls_key}};
  const auto is_set = [](const auto& option) { return !option.second->empty(); };
  if (std::ranges::none_of(options, is_set)) return {};
  for (const auto& option : options) {
    if (is_set(option)) continue;
    return Error(ErrorCode::kBadInput,
                 std::string(option.first) +
                     " must be set, too: CLUSTER_TLS_CA, CLUSTER_TLS_CERT and CLUSTER_TLS_KEY belong together");
  }
  for (const auto& [name, url] : {std::pair("CLUSTER_NODE_URL", &config.cluster_node_url),
                                  std::pair("CLUSTER_MANAGEMENT_URL", &config.cluster_management_url)}) {
    if (url->empty() || *url == "auto" || LowerAscii(*url).starts_with("https://")) continue;
    return Error(ErrorCode::kBadInput,
                 std::string(name) + " must begin with https:// when CLUSTER_TLS_CERT is set: " + *url);
  }
  return {};
}

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
  return CheckTls(config);
}

Result<NodeLinks::Certificates> NodeLinks::OpenCertificates(const config::Config& config, observe::Log* log) {
  if (!config.cluster_enabled || config.cluster_tls_cert.empty()) return Certificates();
  tls::NodeCertificatesOptions options;
  options.node = NodeName(config);
  options.ca = config.cluster_tls_ca;
  options.certificate = config.cluster_tls_cert;
  options.key = config.cluster_tls_key;
  if (log != nullptr) {
    options.renewed = [log](const std::string& problem) {
      if (problem.empty()) return log->Info("the certificates of this node were renewed");
      log->Warn("changed certificates of this node are not used; the former ones are", {{"reason", problem}});
    };
  }
  return tls::NodeCertificates::Open(std::move(options));
}

Result<std::unique_ptr<NodeLinks>> NodeLinks::Open(const config::Config& config, Certificates certificates,
                                                   observe::Metrics& metrics, observe::Log& log) {
  if (!config.cluster_enabled) return std::unique_ptr<NodeLinks>();
  if (config.cluster_secret.size() < kShortestSecret) log.Warn("CLUSTER_SECRET is shorter than 16 characters");
  EIDER_ASSIGN_OR_RETURN(const std::string random, RandomBytes(kIncarnationBytes));
  return std::unique_ptr<NodeLinks>(
      new NodeLinks(config, std::move(certificates), HexText(std::string_view(random)), metrics));
}

NodeLinks::NodeLinks(const config::Config& config, Certificates certificates, std::string incarnation,
                     observe::Metrics& metrics)
    : name_(NodeName(config)),
      incarnation_(std::move(incarnation)),
      certificates_(std::move(certificates)) {
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
  outgoing.certificates = certificates_;
  streams_ = std::make_unique<cluster::SignedPeerStreams>(
      cluster::SignedPeerStreamsOptions{
          .name = name_, .secret = config.cluster_secret, .now_ms = now_ms, .certificates = certificates_},
      metrics);
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
