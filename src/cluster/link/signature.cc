#include "cluster/link/signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/encoding.h"

namespace eider::cluster {
namespace {

constexpr std::string_view kVersion = "v1=";
constexpr std::string_view kKeyLabel = "eider internal v1";
constexpr std::size_t kNonceBytes = 16;
constexpr std::size_t kLongestName = 63;

std::string BodyHash(const SignedCall& call) {
  if (call.on_behalf.empty()) return HexText(Sha256(call.body));
  return HexText(Sha256(fmt::format("{}\n{}", call.on_behalf, call.body)));
}

}  // namespace

LinkKey DeriveLinkKey(std::string_view secret) { return HkdfSha256(secret, kKeyLabel); }

Digest SignCall(const LinkKey& key, const SignedCall& call) {
  return HmacSha256(BytesOf(key), fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", call.method, call.path, BodyHash(call),
                                              call.node, call.target, call.time, call.nonce));
}

Digest SignAnswer(const LinkKey& key, int status, std::string_view body, std::string_view nonce) {
  return SignAnswer(key, status, Sha256(body), nonce);
}

Digest SignAnswer(const LinkKey& key, int status, const Digest& body, std::string_view nonce) {
  return HmacSha256(BytesOf(key), fmt::format("{}\n{}\n{}", status, HexText(body), nonce));
}

std::string SignatureText(const Digest& signature) { return std::string(kVersion) + HexText(signature); }

std::optional<Digest> ReadSignature(std::string_view text) {
  if (!text.starts_with(kVersion)) return std::nullopt;
  return DigestFromHex(text.substr(kVersion.size()));
}

std::optional<std::int64_t> ReadTime(std::string_view text) {
  std::int64_t time = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, time);
  if (text.empty() || read.ec != std::errc() || read.ptr != end || time < 0) return std::nullopt;
  return time;
}

bool IsNonce(std::string_view text) {
  return text.size() == 2 * kNonceBytes &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Result<std::string> MakeNonce() {
  EIDER_ASSIGN_OR_RETURN(const std::string bytes, RandomBytes(kNonceBytes));
  return HexText(std::string_view(bytes));
}

bool IsNodeName(std::string_view name) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return !name.empty() && name.size() <= kLongestName && name.find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace eider::cluster
