#include "cluster/link/signed_peer_calls.h"

#include <utility>

#include "base/digest.h"
#include "base/text.h"
#include "cluster/link/call_verifier.h"
#include "fetch/url.h"

namespace eider::cluster {
namespace {

constexpr int kCallsAtOnce = 8;
constexpr std::size_t kLargestAnswer = std::size_t{64} << 20;
constexpr std::size_t kMostPeers = 1024;

std::string BodyOf(const PeerCall& call) {
  std::string body = "{\"query\":";
  AppendJsonString(body, call.query);
  if (!call.variables.empty()) body.append(",\"variables\":").append(call.variables);
  return body + "}";
}

}  // namespace

SignedPeerCalls::SignedPeerCalls(SignedPeerCallsOptions options, observe::Metrics& metrics)
    : options_(std::move(options)),
      signer_(options_.name, options_.secret, options_.now_ms),
      metrics_(metrics) {}

Result<std::shared_ptr<fetch::Peer>> SignedPeerCalls::PeerAt(const PeerAddress& address) {
  EIDER_ASSIGN_OR_RETURN(fetch::NodeTls tls, NodeTlsOf(options_.certificates, address));
  const MutexLock lock(mutex_);
  const std::pair key(address.url, address.name);
  // Addresses change in a long life; whoever is under way keeps its own.
  if (peers_.size() >= kMostPeers && !peers_.contains(key)) peers_.clear();
  auto& peer = peers_[key];
  if (peer == nullptr) {
    fetch::PeerOptions options;
    options.max_concurrent = kCallsAtOnce;
    options.connect_timeout = options_.connect_timeout;
    options.timeout = options_.timeout;
    options.retries = 0;
    options.max_redirects = 0;
    options.max_bytes = kLargestAnswer;
    options.node = std::move(tls);
    peer = std::make_shared<fetch::Peer>(options);
  }
  return peer;
}

Result<std::string> SignedPeerCalls::Exchange(const PeerAddress& peer, const OutgoingCall& call,
                                              const Deadline& deadline, const StopToken& stop) {
  std::string nonce;
  EIDER_ASSIGN_OR_RETURN(fetch::Request request, signer_.Sign(peer, call, nonce));
  const std::string shown = fetch::ShownUrl(request.url);
  EIDER_ASSIGN_OR_RETURN(const auto server, PeerAt(peer));
  EIDER_ASSIGN_OR_RETURN(fetch::Response answer, client_.Send(server, std::move(request), deadline, stop));
  const auto signature = ReadSignature(answer.Header("x-eider-signature"));
  const bool is_signed =
      signature && EqualDigests(SignAnswer(signer_.key(), answer.status, answer.body, nonce), *signature);
  if (is_signed && answer.status == 200) return std::move(answer.body);
  if (answer.status == 200) {
    return Error(ErrorCode::kSourceUnavailable,
                 "the answer of node \"" + peer.name + "\" at " + shown +
                     " is not signed with this cluster's secret: check CLUSTER_SECRET and the node's URL");
  }
  return RefusalOf(peer, shown, answer.status, answer.body);
}

Result<std::string> SignedPeerCalls::Send(const PeerAddress& peer, const OutgoingCall& call, const Deadline& deadline,
                                          const StopToken& stop) {
  if (!IsNodeName(peer.name) && peer.name != kManagementTarget)
    return Error(ErrorCode::kBadInput, "not the name of a node: " + peer.name);
  const auto started = Deadline::Clock::now();
  auto answer = Exchange(peer, call, deadline, stop);
  const observe::Labels labels{{"target", peer.name}, {"op", call.operation}};
  metrics_.GetHistogram("eider_cluster_rpc_seconds", "Time of calls to other nodes.", labels)
      .Observe(Deadline::Clock::now() - started);
  if (!answer) {
    metrics_.GetCounter("eider_cluster_rpc_errors_total", "Calls to other nodes that failed.", labels).Add();
  }
  return answer;
}

Result<std::string> SignedPeerCalls::Call(const PeerAddress& peer, const PeerCall& call, const Deadline& deadline,
                                          const StopToken& stop) {
  std::string on_behalf = call.on_behalf.empty() ? "" : Base64(call.on_behalf);
  observe::Span span(call.trace, "node call", observe::SpanKind::kClient);
  span.Set("eider.operation", call.operation);
  span.Set("eider.target", peer.name);
  OutgoingCall outgoing{"POST",      "/ipc", BodyOf(call), std::move(on_behalf), call.operation, call.idempotency_key,
                        span.point()};
  if (!call.request_id.empty()) outgoing.more_headers.push_back("X-Request-Id: " + call.request_id);
  if (!call.least_schema.empty()) {
    outgoing.more_headers.push_back("X-Eider-Min-Schema-Version: " + call.least_schema);
  }
  auto answer = Send(peer, outgoing, deadline, stop);
  if (!answer) {
    span.Set("error.type", ErrorCodeName(answer.error().code));
    span.Fail();
  }
  return answer;
}

Result<std::string> SignedPeerCalls::Ping(const PeerAddress& peer, const Deadline& deadline, const StopToken& stop) {
  return Send(peer, {"POST", "/ipc/ping", "", "", "ping"}, deadline, stop);
}

}  // namespace eider::cluster
