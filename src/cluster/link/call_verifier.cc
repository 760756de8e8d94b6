#include "cluster/link/call_verifier.h"

#include <chrono>
#include <cstdlib>
#include <utility>

#include "cluster/link/peer_calls.h"

namespace eider::cluster {
namespace {

constexpr std::int64_t kWindowMs = 60'000;
constexpr std::size_t kLongestOnBehalf = 64 << 10;

// Whether a call is a client's request that a node has sent on.
bool IsForwarded(std::string_view path) { return path.ends_with("/ipc/query") || path.ends_with("/ipc/jq-query"); }

}  // namespace

std::int64_t SystemNowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::string CallVerdict::AnswerHeader(int answer_status, std::string_view body) const {
  return AnswerTrailer(answer_status, Sha256(body));
}

std::string CallVerdict::AnswerTrailer(int answer_status, const Digest& body) const {
  return "X-Eider-Signature: " + SignatureText(SignAnswer(key, answer_status, body, nonce)) + "\r\n";
}

CallVerifier::CallVerifier(CallVerifierOptions options)
    : options_(std::move(options)),
      nonces_(options_.nonces),
      forwarded_nonces_(options_.forwarded_nonces, std::chrono::milliseconds(2 * kWindowMs)) {
  keys_.push_back(DeriveLinkKey(options_.secret));
  if (!options_.previous.empty()) keys_.push_back(DeriveLinkKey(options_.previous));
}

// What is wrong with the headers, before the body is looked at; empty = nothing.
std::string_view CallVerifier::Refusal(const ReceivedCall& received) const {
  const SignedCall& call = received.call;
  if (!IsNodeName(call.node) || !IsNonce(call.nonce) || call.on_behalf.size() > kLongestOnBehalf) return "malformed";
  if (call.target != options_.name && !(options_.is_management && call.target == kManagementTarget)) return "target";
  const auto time = ReadTime(call.time);
  if (!time) return "malformed";
  const std::int64_t now = options_.now_ms ? options_.now_ms() : SystemNowMs();
  if (*time > now + kWindowMs || *time < now - kWindowMs) return "time";
  if (options_.knows_node && !options_.knows_node(call.node)) return "node";
  return {};
}

CallVerdict CallVerifier::Verify(const ReceivedCall& received) {
  CallVerdict verdict;
  verdict.reason = Refusal(received);
  if (!verdict.reason.empty()) return verdict;
  const auto given = ReadSignature(received.signature);
  verdict.reason = "signature";
  if (!given) return verdict;
  const LinkKey* found = nullptr;
  for (const LinkKey& key : keys_) {
    if (EqualDigests(SignCall(key, received.call), *given)) found = &key;
  }
  if (found == nullptr) return verdict;
  const auto on_behalf = FromBase64(received.call.on_behalf);
  verdict.reason = "malformed";
  if (!on_behalf) return verdict;
  // Only calls with a valid signature are remembered, so that nobody else can fill the memory.
  NonceCache& nonces = IsForwarded(received.call.path) ? forwarded_nonces_ : nonces_;
  const auto outcome = nonces.Add(received.call.nonce, NonceCache::Clock::now());
  verdict.reason = "replay";
  if (outcome == NonceCache::Outcome::kSeen) return verdict;
  verdict.reason = "full";
  verdict.status = 503;
  if (outcome == NonceCache::Outcome::kFull) return verdict;
  verdict.status = 200;
  verdict.reason = {};
  verdict.node = received.call.node;
  verdict.on_behalf = *on_behalf;
  verdict.key = *found;
  verdict.nonce = received.call.nonce;
  return verdict;
}

}  // namespace eider::cluster
