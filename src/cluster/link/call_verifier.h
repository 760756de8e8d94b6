#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/link/nonce_cache.h"
#include "cluster/link/signature.h"

namespace eider::cluster {

// A request as it came in, with the headers X-Eider-Signature etc. Borrows its text.
struct ReceivedCall {
  SignedCall call;
  std::string_view signature;
};

// Whether a call is let in.
struct CallVerdict {
  int status = 401;         // 200, 401 or 503.
  std::string_view reason;  // Of a refusal; a word of a bounded set, for counters and logs.
  std::string node;         // Who calls.
  std::string on_behalf;    // For whom: the decoded header; empty = for itself.
  LinkKey key{};            // The key to sign the answer with.
  std::string nonce;

  bool ok() const { return status == 200; }
  // The header line of the signed answer, with its line end.
  std::string AnswerHeader(int answer_status, std::string_view body) const;
  // The same by the SHA-256 of the body, for behind it.
  std::string AnswerTrailer(int answer_status, const Digest& body) const;
};

// Enough for 3,000 requests a second for as long as their times count.
inline constexpr std::size_t kForwardedNonces = 400'000;

struct CallVerifierOptions {
  std::string name;      // Of this node.
  std::string secret;    // CLUSTER_SECRET.
  std::string previous;  // CLUSTER_SECRET_PREVIOUS; empty = none.
  // Milliseconds since 1970 by the database's clock; empty = the system's.
  std::function<std::int64_t()> now_ms;
  // Whether a node of that name belongs to the cluster, or is about to; empty = any. Must not block.
  std::function<bool(std::string_view)> knows_node;
  bool is_management = false;                       // Calls for kManagementTarget are for this node, too.
  std::size_t nonces = NonceCache::kCapacity;       // Of nodes' own calls, kept for NonceCache::kLifetime.
  std::size_t forwarded_nonces = kForwardedNonces;  // Of clients' requests that nodes have sent on.
};

// Decides whether calls come from a node of this cluster, for this node, now and for the first time. Thread-safe.
class CallVerifier {
 public:
  explicit CallVerifier(CallVerifierOptions options);

  CallVerdict Verify(const ReceivedCall& received);

 private:
  std::string_view Refusal(const ReceivedCall& received) const;

  const CallVerifierOptions options_;
  std::vector<LinkKey> keys_;  // The current one first.
  NonceCache nonces_;
  NonceCache forwarded_nonces_;  // Apart, so that clients cannot fill the memory that nodes need.
};

// Milliseconds since 1970 by the system's clock.
std::int64_t SystemNowMs();

}  // namespace eider::cluster
