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

Caller NodeGate::Refuse(int status, std::string_view reason, const Request& request, const Origin& origin) const {
  metrics_.CountAuth(kProvider, "reject");
  log_.Warn("a call that claims to come from a node was refused",
            {{"reason", reason}, {"node", request.Header("x-eider-node").substr(0, 64)}, {"address", origin.address}});
  Caller caller;
  // What exactly was wrong is for the log: nobody is helped to guess.
  caller.answer = status == 503 ? ErrorResponse(ErrorCode::kOverloaded, "too many node calls; try again later", true)
                                : ErrorResponse(ErrorCode::kUnauthenticated, "unauthorized", true);
  return caller;
}

std::optional<Caller> NodeGate::RefuseUnproven(const Request& request, const Origin& origin) const {
  if (!needs_certificates_) return std::nullopt;
  const std::string name(request.Header("x-eider-node"));
  std::string problem;
  if (origin.certificate == nullptr) {
    problem =
        "nodes of this cluster call each other over TLS: set CLUSTER_TLS_CA, CLUSTER_TLS_CERT, CLUSTER_TLS_KEY and an "
        "https:// CLUSTER_NODE_URL on all of them";
  } else if (!origin.certificate->problem.empty()) {
    problem = "the caller does not prove to be a node, " + origin.certificate->problem +
              "; check its CLUSTER_TLS_CERT and the CLUSTER_TLS_CA here";
  } else if (!origin.certificate->Proves(name)) {
    problem =
        "the caller's certificate does not name the node that it says to be: have one issued with "
        "subjectAltName=DNS: and its CLUSTER_NODE_NAME";
  } else {
    return std::nullopt;
  }
  Caller caller = Refuse(403, problem, request, origin);
  caller.answer = ErrorResponse(ErrorCode::kForbidden, problem, true);
  return caller;
}

Caller NodeGate::Admit(const Request& request, const Origin& origin) const {
  if (verifier_ == nullptr) return Refuse(401, "no cluster", request, origin);
  if (HasRepeated(request)) return Refuse(401, "malformed", request, origin);
  if (auto unproven = RefuseUnproven(request, origin)) return std::move(*unproven);
  const cluster::SignedCall call{request.method,
                                 request.path(),
                                 request.body,
                                 request.Header("x-eider-on-behalf"),
                                 request.Header("x-eider-node"),
                                 request.Header("x-eider-target"),
                                 request.Header("x-eider-time"),
                                 request.Header("x-eider-nonce")};
  auto verdict = verifier_->Verify({call, request.Header("x-eider-signature")});
  if (!verdict.ok()) return Refuse(verdict.status, verdict.reason, request, origin);
  Caller caller;
  caller.identity = auth::NodeIdentity(verdict.node);
  if (!verdict.on_behalf.empty()) {
    auto identity = auth::ReadForwardedIdentity(verdict.on_behalf, verdict.node);
    if (!identity) return Refuse(401, "identity", request, origin);
    caller.identity = std::move(*identity);
  }
  metrics_.CountAuth(kProvider, "accept");
  caller.call = std::make_shared<const cluster::CallVerdict>(std::move(verdict));
  return caller;
}

}  // namespace eider::http
