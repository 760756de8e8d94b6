// Any bytes as the headers and the body of a call from another node. Nothing gets in but what was signed.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cluster/link/call_verifier.h"
#include "cluster/link/peer_calls.h"

namespace {

using eider::cluster::CallVerifier;

constexpr const char* kSecret = "a secret that no input holds";

CallVerifier& Verifier() {
  static CallVerifier verifier({.name = "w", .secret = kSecret, .now_ms = [] { return 1000; }});
  return verifier;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)eider::cluster::PeerBaseUrl(std::string(text));
  std::array<std::string_view, 9> parts;
  for (std::string_view& part : parts) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  eider::cluster::ReceivedCall received{
      {parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], parts[6], parts[7]}, parts[8]};
  if (Verifier().Verify(received).ok()) std::abort();
  // The same, signed: accepted only when it is well formed, and never twice.
  const std::string signature =
      eider::cluster::SignatureText(eider::cluster::SignCall(eider::cluster::DeriveLinkKey(kSecret), received.call));
  received.signature = signature;
  const auto first = Verifier().Verify(received);
  if (first.ok() && first.node != parts[4]) std::abort();
  if (first.ok() && Verifier().Verify(received).ok()) std::abort();
  return 0;
}
