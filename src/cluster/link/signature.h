#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"

// Signatures of calls between nodes. Pure functions.
namespace eider::cluster {

using LinkKey = Digest;

// The key that nodes with this CLUSTER_SECRET sign with.
LinkKey DeriveLinkKey(std::string_view secret);

// What a signature covers. Borrows its text.
struct SignedCall {
  std::string_view method;
  std::string_view path;  // Of the request's target, without query string.
  std::string_view body;
  std::string_view on_behalf;  // The header X-Eider-On-Behalf, covered through the body's hash; empty = absent.
  std::string_view node;
  std::string_view target;
  std::string_view time;   // Milliseconds since 1970 as decimal text.
  std::string_view nonce;  // 32 hex digits.
};

Digest SignCall(const LinkKey& key, const SignedCall& call);

// The signature of an answer to the call with `nonce`.
Digest SignAnswer(const LinkKey& key, int status, std::string_view body, std::string_view nonce);
// The same by the SHA-256 of the body.
Digest SignAnswer(const LinkKey& key, int status, const Digest& body, std::string_view nonce);

// "v1=" and hex digits.
std::string SignatureText(const Digest& signature);

// The signature in such a text; nothing for any other.
std::optional<Digest> ReadSignature(std::string_view text);

// The milliseconds in `text`; nothing unless it is a plain decimal number that fits.
std::optional<std::int64_t> ReadTime(std::string_view text);

// Whether `text` is 32 small hex digits.
bool IsNonce(std::string_view text);

// A new one. Fails with kInternal when the system has no random bytes.
Result<std::string> MakeNonce();

// Whether `name` may be the name of a node: [A-Za-z0-9._-]{1,63}.
bool IsNodeName(std::string_view name);

}  // namespace eider::cluster
