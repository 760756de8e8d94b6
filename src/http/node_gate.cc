#include "http/node_gate.h"

#include <algorithm>
#include <utility>

#include "auth/forwarded_identity.h"

namespace eider::http {
namespace {

constexpr const char* kHeaders[] = {"x-eider-signature", "x-eider-node",  "x-eider-target",
                                    "x-eider-time",      "x-eider-nonce", "x-eider-on-behalf"};

bool HasRepeated(const Request& request) {
  return std::ranges::any_of(kHeaders, [&](const char* name) { return request.Count(name) > 1; });
}

constexpr std::string_view kProvider = "cluster-internal";

}  // namespace

Caller NodeGate::Refuse(int status, std::string_view reason, const Request& request, std::string_view peer) const {
  metrics_.CountAuth(kProvider, "reject");
  log_.Warn("a call that claims to come from a node was refused",
            {{"reason", reason}, {"node", request.Header("x-eider-node").substr(0, 64)}, {"address", peer}});
  Caller caller;
  // What exactly was wrong is for the log: nobody is helped to guess.
  caller.answer = status == 503 ? ErrorResponse(ErrorCode::kOverloaded, "too many node calls; try again later", true)
                                : ErrorResponse(ErrorCode::kUnauthenticated, "unauthorized", true);
  return caller;
}

Caller NodeGate::Admit(const Request& request, std::string_view peer) const {
  if (verifier_ == nullptr) return Refuse(401, "no cluster", request, peer);
  if (HasRepeated(request)) return Refuse(401, "malformed", request, peer);
  const cluster::SignedCall call{request.method,
                                 request.path(),
                                 request.body,
                                 request.Header("x-eider-on-behalf"),
                                 request.Header("x-eider-node"),
                                 request.Header("x-eider-target"),
                                 request.Header("x-eider-time"),
                                 request.Header("x-eider-nonce")};
  auto verdict = verifier_->Verify({call, request.Header("x-eider-signature")});
  if (!verdict.ok()) return Refuse(verdict.status, verdict.reason, request, peer);
  Caller caller;
  caller.identity = auth::NodeIdentity(verdict.node);
  if (!verdict.on_behalf.empty()) {
    auto identity = auth::ReadForwardedIdentity(verdict.on_behalf, verdict.node);
    if (!identity) return Refuse(401, "identity", request, peer);
    caller.identity = std::move(*identity);
  }
  metrics_.CountAuth(kProvider, "accept");
  caller.call = std::make_shared<const cluster::CallVerdict>(std::move(verdict));
  return caller;
}

}  // namespace eider::http
