#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace eider::auth {

enum class KeyKind { kRsa, kEcP256, kEcP384, kEcP521, kEdwards, kSecret };

// A key that signatures are checked with. Immutable and cheap to copy.
struct VerificationKey {
  KeyKind kind = KeyKind::kSecret;
  std::string id;         // `kid`; empty = none.
  std::string algorithm;  // The only one it may be used with; empty = all that fit its kind.
  std::shared_ptr<EVP_PKEY> key;
  std::string secret;  // kSecret only.
};

using VerificationKeys = std::vector<VerificationKey>;

// Reads a public key: PEM (PKIX, PKCS#1 or a certificate), an SSH authorized key, or any of these in base64. Fails with
// kBadInput, also for private keys, weak keys (RSA below 2048 bits) and unknown curves.
Result<VerificationKey> ReadPublicKey(std::string_view text);

// Reads a JSON Web Key Set. Keys that are not for signatures, of unknown kinds, symmetric or weak are left out. Fails
// with kBadInput for text that is no key set.
Result<VerificationKeys> ReadKeySet(std::string_view json);

// Whether `algorithm` (a JWS name such as "ES256") may be used with the key.
bool Fits(const VerificationKey& key, std::string_view algorithm);

// Whether `signature` is the key's for `message`. REQUIRES: Fits(key, algorithm).
bool Verify(const VerificationKey& key, std::string_view algorithm, std::string_view message,
            std::string_view signature);

}  // namespace eider::auth
