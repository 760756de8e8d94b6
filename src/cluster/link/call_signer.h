#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cluster/link/peer_calls.h"
#include "cluster/link/signature.h"
#include "fetch/http_client.h"
#include "fetch/peer.h"
#include "observe/span.h"

namespace eider::cluster {

// A call before it is signed.
struct OutgoingCall {
  std::string method;
  std::string suffix;  // Behind the base URL.
  std::string body;
  std::string on_behalf;  // The header X-Eider-On-Behalf; empty = none.
  std::string operation;  // As PeerCall::operation.
  std::string idempotency_key = {};
  observe::TraceRef trace = nullptr;
  std::vector<std::string> headers = {};       // "Name: value"; empty = JSON is sent and wanted, with codes of errors.
  std::vector<std::string> more_headers = {};  // Beside those.
};

// What another node says against a call, of an answer that is not signed.
Error RefusalOf(const PeerAddress& peer, const std::string& shown_url, int status, const std::string& body);

// How `peer` is known, and shown who calls. Fails with kSourceUnavailable for an address without TLS when this node has
// `certificates`; null = it has none.
Result<fetch::NodeTls> NodeTlsOf(const std::shared_ptr<tls::NodeCertificates>& certificates, const PeerAddress& peer);

// Signs the calls of one node. Thread-safe.
class CallSigner {
 public:
  // `now_ms` as CallVerifierOptions::now_ms.
  CallSigner(std::string name, const std::string& secret, std::function<std::int64_t()> now_ms);

  const LinkKey& key() const { return key_; }

  // The request for `call`, and in `nonce` what its answer must be signed for. Fails with kBadInput for an address that
  // is none.
  Result<fetch::Request> Sign(const PeerAddress& peer, const OutgoingCall& call, std::string& nonce) const;

 private:
  const std::string name_;
  const LinkKey key_;
  const std::function<std::int64_t()> now_ms_;
};

}  // namespace eider::cluster
