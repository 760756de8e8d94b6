#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/mutex.h"
#include "cluster/link/call_signer.h"
#include "cluster/link/peer_calls.h"
#include "fetch/http_client.h"
#include "observe/metrics.h"
#include "tls/node_certificates.h"

namespace eider::cluster {

struct SignedPeerCallsOptions {
  std::string name;    // Of this node.
  std::string secret;  // CLUSTER_SECRET.
  std::chrono::milliseconds timeout{5000};
  std::chrono::milliseconds connect_timeout{1000};
  std::function<std::int64_t()> now_ms;                      // As CallVerifierOptions::now_ms.
  std::shared_ptr<tls::NodeCertificates> certificates = {};  // Calls go over TLS with them; null = as the URL says.
};

// PeerCalls over HTTP with signed requests and answers. Owned by the composition root; `metrics` outlives it.
class SignedPeerCalls final : public PeerCalls {
 public:
  SignedPeerCalls(SignedPeerCallsOptions options, observe::Metrics& metrics);

  Result<std::string> Call(const PeerAddress& peer, const PeerCall& call, const Deadline& deadline,
                           const StopToken& stop) override;
  Result<std::string> Ping(const PeerAddress& peer, const Deadline& deadline, const StopToken& stop) override;

 private:
  Result<std::string> Send(const PeerAddress& peer, const OutgoingCall& call, const Deadline& deadline,
                           const StopToken& stop);
  Result<std::string> Exchange(const PeerAddress& peer, const OutgoingCall& call, const Deadline& deadline,
                               const StopToken& stop);
  Result<std::shared_ptr<fetch::Peer>> PeerAt(const PeerAddress& address);

  const SignedPeerCallsOptions options_;
  const CallSigner signer_;
  observe::Metrics& metrics_;
  fetch::HttpClient client_;
  Mutex mutex_;
  // By URL and name.
  std::map<std::pair<std::string, std::string>, std::shared_ptr<fetch::Peer>> peers_ GUARDED_BY(mutex_);
};

}  // namespace eider::cluster
