#include "cluster/link/call_signer.h"

#include <rapidjson/document.h>

#include <utility>

#include "base/graphql_answer.h"
#include "cluster/link/call_verifier.h"
#include "fetch/url.h"

namespace eider::cluster {
namespace {

constexpr const char* kProtocol = "1";

ErrorCode CodeOf(int status, const std::string& code) {
  if (status == 401) return ErrorCode::kUnauthenticated;
  if (status != 503) return ErrorCode::kSourceUnavailable;
  for (const ErrorCode known : {ErrorCode::kDraining, ErrorCode::kSchemaNotReady, ErrorCode::kCoreUnavailable}) {
    if (code == ErrorCodeName(known)) return known;
  }
  return ErrorCode::kOverloaded;
}

}  // namespace

Error RefusalOf(const PeerAddress& peer, const std::string& shown_url, int status, const std::string& body) {
  rapidjson::Document json;
  json.Parse(body.data(), body.size());
  const AnswerError refusal = json.HasParseError() ? AnswerError() : FirstErrorOf(json).value_or(AnswerError());
  std::string why = "node \"" + peer.name + "\" at " + shown_url + " answers " + std::to_string(status);
  if (!refusal.message.empty()) why.append(": ").append(refusal.message);
  return Error(CodeOf(status, refusal.code), std::move(why));
}

Result<fetch::NodeTls> NodeTlsOf(const std::shared_ptr<tls::NodeCertificates>& certificates, const PeerAddress& peer) {
  if (certificates == nullptr) return fetch::NodeTls();
  EIDER_ASSIGN_OR_RETURN(const fetch::Url url, fetch::ParseUrl(peer.url));
  if (url.scheme != "https") {
    return Error(ErrorCode::kSourceUnavailable,
                 "node \"" + peer.name + "\" at " + url.Shown() +
                     " has an address without TLS: give it CLUSTER_TLS_CA, CLUSTER_TLS_CERT, CLUSTER_TLS_KEY and an "
                     "https:// CLUSTER_NODE_URL, as this node has them");
  }
  return fetch::NodeTls{certificates, peer.name == kManagementTarget ? "" : peer.name};
}

CallSigner::CallSigner(std::string name, const std::string& secret, std::function<std::int64_t()> now_ms)
    : name_(std::move(name)),
      key_(DeriveLinkKey(secret)),
      now_ms_(std::move(now_ms)) {}

Result<fetch::Request> CallSigner::Sign(const PeerAddress& peer, const OutgoingCall& call, std::string& nonce) const {
  EIDER_ASSIGN_OR_RETURN(const std::string base, PeerBaseUrl(peer.url));
  EIDER_ASSIGN_OR_RETURN(nonce, MakeNonce());
  fetch::Request request;
  request.method = call.method;
  request.url = base + call.suffix;
  request.body = call.body;
  EIDER_ASSIGN_OR_RETURN(const fetch::Url url, fetch::ParseUrl(request.url));
  const std::string time = std::to_string(now_ms_ ? now_ms_() : SystemNowMs());
  const Digest signature =
      SignCall(key_, {call.method, url.path, call.body, call.on_behalf, name_, peer.name, time, nonce});
  request.headers = {"X-Eider-Protocol: " + std::string(kProtocol),
                     "X-Eider-Node: " + name_,
                     "X-Eider-Target: " + peer.name,
                     "X-Eider-Time: " + time,
                     "X-Eider-Nonce: " + nonce,
                     "X-Eider-Signature: " + SignatureText(signature)};
  if (call.headers.empty()) {
    for (const char* usual : {"X-Eider-Errors: full", "Accept: application/json", "Content-Type: application/json"}) {
      request.headers.emplace_back(usual);
    }
  }
  request.headers.insert(request.headers.end(), call.headers.begin(), call.headers.end());
  request.headers.insert(request.headers.end(), call.more_headers.begin(), call.more_headers.end());
  if (!call.idempotency_key.empty()) request.headers.push_back("Idempotency-Key: " + call.idempotency_key);
  if (!call.on_behalf.empty()) request.headers.push_back("X-Eider-On-Behalf: " + call.on_behalf);
  for (std::string& header : observe::TraceHeaders(call.trace)) request.headers.push_back(std::move(header));
  return request;
}

}  // namespace eider::cluster
