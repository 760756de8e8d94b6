#pragma once

#include <chrono>

#include "cluster/link/call_signer.h"
#include "cluster/link/peer_streams.h"
#include "observe/metrics.h"
#include "tls/node_certificates.h"

namespace eider::cluster {

struct SignedPeerStreamsOptions {
  std::string name;    // Of this node.
  std::string secret;  // CLUSTER_SECRET.
  std::chrono::milliseconds connect_timeout{1000};
  std::function<std::int64_t()> now_ms;                      // As CallVerifierOptions::now_ms.
  std::shared_ptr<tls::NodeCertificates> certificates = {};  // Calls go over TLS with them; null = as the URL says.
};

// PeerStreams over HTTP. A request is signed as calls are. The signature of an answer stands before its body when that
// is short, and then is checked before anything is handed on; else behind it. Owned by the composition root; `metrics`
// outlives it.
class SignedPeerStreams final : public PeerStreams {
 public:
  SignedPeerStreams(const SignedPeerStreamsOptions& options, observe::Metrics& metrics);

  Status Forward(const PeerAddress& peer, const ForwardedRequest& request, fetch::AnswerReader& reader,
                 const Deadline& deadline, const StopToken& stop) override;

 private:
  Status Exchange(const PeerAddress& peer, OutgoingCall call, fetch::AnswerReader& reader, const Deadline& deadline,
                  const StopToken& stop);

  const CallSigner signer_;
  const std::chrono::milliseconds connect_timeout_;
  const std::shared_ptr<tls::NodeCertificates> certificates_;
  observe::Metrics& metrics_;
};

}  // namespace eider::cluster
