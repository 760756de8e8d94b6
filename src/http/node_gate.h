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
  // `verifier` may be null: this node belongs to no cluster and refuses such requests.
  NodeGate(cluster::CallVerifier* verifier, HttpMetrics& metrics, observe::Log& log)
      : verifier_(verifier),
        metrics_(metrics),
        log_(log) {}

  // Whether `request` claims to come from a node.
  static bool IsNodeCall(const Request& request) {
    return request.Count("x-eider-signature") > 0 && request.path().starts_with("/ipc");
  }

  // Who calls, or the answer to who may not. REQUIRES: IsNodeCall(request), and its body is there.
  Caller Admit(const Request& request, std::string_view peer) const;

 private:
  Caller Refuse(int status, std::string_view reason, const Request& request, std::string_view peer) const;

  cluster::CallVerifier* const verifier_;
  HttpMetrics& metrics_;
  observe::Log& log_;
};

}  // namespace eider::http
