#include "cluster/link/signed_peer_calls.h"

#include <rapidjson/document.h>

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
constexpr const char* kProtocol = "1";

std::string BodyOf(const PeerCall& call) {
  std::string body = "{\"query\":";
  AppendJsonString(body, call.query);
  if (!call.variables.empty()) body.append(",\"variables\":").append(call.variables);
  return body + "}";
}

// The first error's message and code in an answer of GraphQL's form.
struct Refusal {
  std::string message;
  std::string code;
};
Refusal ReadRefusal(const std::string& body) {
  rapidjson::Document json;
  json.Parse(body.data(), body.size());
  Refusal refusal;
  if (json.HasParseError() || !json.IsObject()) return refusal;
  const auto errors = json.FindMember("errors");
  if (errors == json.MemberEnd() || !errors->value.IsArray() || errors->value.Empty()) return refusal;
  const auto& first = errors->value[0];
  if (!first.IsObject()) return refusal;
  const auto message = first.FindMember("message");
  if (message != first.MemberEnd() && message->value.IsString()) refusal.message = message->value.GetString();
  const auto extensions = first.FindMember("extensions");
  if (extensions == first.MemberEnd() || !extensions->value.IsObject()) return refusal;
  const auto code = extensions->value.FindMember("code");
  if (code != extensions->value.MemberEnd() && code->value.IsString()) refusal.code = code->value.GetString();
  return refusal;
}

ErrorCode CodeOf(int status, const std::string& code) {
  if (status == 401) return ErrorCode::kUnauthenticated;
  if (status != 503) return ErrorCode::kSourceUnavailable;
  for (const ErrorCode known : {ErrorCode::kDraining, ErrorCode::kSchemaNotReady, ErrorCode::kCoreUnavailable}) {
    if (code == ErrorCodeName(known)) return known;
  }
  return ErrorCode::kOverloaded;
}

}  // namespace

SignedPeerCalls::SignedPeerCalls(SignedPeerCallsOptions options, observe::Metrics& metrics)
    : options_(std::move(options)),
      key_(DeriveLinkKey(options_.secret)),
      metrics_(metrics) {}

std::shared_ptr<fetch::Peer> SignedPeerCalls::PeerAt(const std::string& url) {
  const MutexLock lock(mutex_);
  // Addresses change in a long life; whoever is under way keeps its own.
  if (peers_.size() >= kMostPeers && !peers_.contains(url)) peers_.clear();
  auto& peer = peers_[url];
  if (peer == nullptr) {
    fetch::PeerOptions options;
    options.max_concurrent = kCallsAtOnce;
    options.connect_timeout = options_.connect_timeout;
    options.timeout = options_.timeout;
    options.retries = 0;
    options.max_redirects = 0;
    options.max_bytes = kLargestAnswer;
    peer = std::make_shared<fetch::Peer>(options);
  }
  return peer;
}

Result<fetch::Request> SignedPeerCalls::Sign(const PeerAddress& peer, const Outgoing& call, std::string& nonce) const {
  EIDER_ASSIGN_OR_RETURN(const std::string base, PeerBaseUrl(peer.url));
  EIDER_ASSIGN_OR_RETURN(nonce, MakeNonce());
  fetch::Request request;
  request.method = call.method;
  request.url = base + call.suffix;
  request.body = call.body;
  EIDER_ASSIGN_OR_RETURN(const fetch::Url url, fetch::ParseUrl(request.url));
  const std::string time = std::to_string(options_.now_ms ? options_.now_ms() : SystemNowMs());
  const Digest signature =
      SignCall(key_, {call.method, url.path, call.body, call.on_behalf, options_.name, peer.name, time, nonce});
  request.headers = {"X-Eider-Protocol: " + std::string(kProtocol),
                     "X-Eider-Node: " + options_.name,
                     "X-Eider-Target: " + peer.name,
                     "X-Eider-Time: " + time,
                     "X-Eider-Nonce: " + nonce,
                     "X-Eider-Signature: " + SignatureText(signature),
                     "X-Eider-Errors: full",
                     "Accept: application/json",
                     "Content-Type: application/json"};
  if (!call.idempotency_key.empty()) request.headers.push_back("Idempotency-Key: " + call.idempotency_key);
  if (!call.on_behalf.empty()) request.headers.push_back("X-Eider-On-Behalf: " + call.on_behalf);
  return request;
}

Result<std::string> SignedPeerCalls::Exchange(const PeerAddress& peer, const Outgoing& call, const Deadline& deadline,
                                              const StopToken& stop) {
  std::string nonce;
  EIDER_ASSIGN_OR_RETURN(fetch::Request request, Sign(peer, call, nonce));
  const std::string shown = fetch::ShownUrl(request.url);
  EIDER_ASSIGN_OR_RETURN(fetch::Response answer, client_.Send(PeerAt(peer.url), std::move(request), deadline, stop));
  const auto signature = ReadSignature(answer.Header("x-eider-signature"));
  const bool is_signed = signature && EqualDigests(SignAnswer(key_, answer.status, answer.body, nonce), *signature);
  if (is_signed && answer.status == 200) return std::move(answer.body);
  const Refusal refusal = ReadRefusal(answer.body);
  if (answer.status == 200) {
    return Error(ErrorCode::kSourceUnavailable,
                 "the answer of node \"" + peer.name + "\" at " + shown +
                     " is not signed with this cluster's secret: check CLUSTER_SECRET and the node's URL");
  }
  std::string why = "node \"" + peer.name + "\" at " + shown + " answers " + std::to_string(answer.status);
  if (!refusal.message.empty()) why.append(": ").append(refusal.message);
  return Error(CodeOf(answer.status, refusal.code), std::move(why));
}

Result<std::string> SignedPeerCalls::Send(const PeerAddress& peer, const Outgoing& call, const Deadline& deadline,
                                          const StopToken& stop) {
  if (!IsNodeName(peer.name)) return Error(ErrorCode::kBadInput, "not the name of a node: " + peer.name);
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
  return Send(peer, {"POST", "/ipc", BodyOf(call), std::move(on_behalf), call.operation, call.idempotency_key},
              deadline, stop);
}

Result<std::string> SignedPeerCalls::Ping(const PeerAddress& peer, const Deadline& deadline, const StopToken& stop) {
  return Send(peer, {"POST", "/ipc/ping", "", "", "ping"}, deadline, stop);
}

}  // namespace eider::cluster
