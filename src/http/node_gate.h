#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cluster/link/call_verifier.h"
#include "http/caller.h"
#include "http/http_metrics.h"
#include "http/request.h"
#include "observe/log.h"

namespace eider::http {

// The door for other nodes of the cluster: requests with X-Eider-Signature to /ipc. Thread-safe, owned by Endpoints.
class NodeGate {
 public:
  // `verifier` may be null: this node belongs to no cluster and refuses such requests. With `needs_certificates` a node
  // must prove its name by the certificate of its connection, too.
  NodeGate(cluster::CallVerifier* verifier, bool needs_certificates, HttpMetrics& metrics, observe::Log& log)
      : verifier_(verifier),
        needs_certificates_(needs_certificates),
        metrics_(metrics),
        log_(log) {}

  // Whether `request` claims to come from a node.
  static bool IsNodeCall(const Request& request) {
    return request.Count("x-eider-signature") > 0 && request.path().starts_with("/ipc");
  }

  // Who calls, or the answer to who may not. REQUIRES: IsNodeCall(request), and its body is there.
  Caller Admit(const Request& request, const Origin& origin) const;

 private:
  Caller Refuse(int status, std::string_view reason, const Request& request, const Origin& origin) const;
  // The refusal of a node that does not prove its name; nothing when it does, or need not.
  std::optional<Caller> RefuseUnproven(const Request& request, const Origin& origin) const;

  cluster::CallVerifier* const verifier_;
  const bool needs_certificates_;
  HttpMetrics& metrics_;
  observe::Log& log_;
};

}  // namespace eider::http
