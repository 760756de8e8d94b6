#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

struct evp_md_ctx_st;

// Hashes, random bytes and the text forms of both. Thread-safe.
namespace eider {

using Digest = std::array<unsigned char, 32>;

Digest Sha256(std::string_view text);

// SHA-1, which the handshake of WebSockets asks for; 20 bytes. Protects nothing.
std::string Sha1(std::string_view text);

// SHA-256 of a text that comes piece by piece. One thread at a time.
class Sha256Stream {
 public:
  Sha256Stream();
  void Add(std::string_view piece);
  // Of everything that was added. REQUIRES: called once, and nothing is added after it.
  Digest Finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

Digest HmacSha256(std::string_view key, std::string_view text);
// HKDF-SHA-256 (RFC 5869) without salt, 32 bytes.
Digest HkdfSha256(std::string_view secret, std::string_view info);

// Compares in a time that does not depend on where the two differ.
bool EqualDigests(const Digest& a, const Digest& b);

// Whether both texts are the same, told by their digests and so in a time that does not depend on them.
bool EqualSecrets(std::string_view a, std::string_view b);

// `size` random bytes fit for keys. Fails with kInternal when the system has none.
Result<std::string> RandomBytes(std::size_t size);

// Its bytes, for what takes texts. Lives as long as `digest`.
std::string_view BytesOf(const Digest& digest);

std::string HexText(const Digest& digest);

// The bytes of 64 hex digits; nothing for any other text.
std::optional<Digest> DigestFromHex(std::string_view text);

// Base64 with the URL alphabet and without padding, exactly as JWTs have it; nothing for text of any other form.
std::string Base64Url(std::string_view bytes);
std::optional<std::string> FromBase64Url(std::string_view text);

// Base64 with the usual alphabet, written with padding; read without it too, and white space is skipped.
std::string Base64(std::string_view bytes);
std::optional<std::string> FromBase64(std::string_view text);

struct DigestHash {
  std::size_t operator()(const Digest& digest) const;
};

}  // namespace eider
