#include "auth/verification_key.h"

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <array>
#include <cstring>

namespace eider::auth {
namespace {

constexpr std::size_t kMaxDerSignature = 160;

// What a JWS algorithm name says.
struct Scheme {
  char family = 0;  // R, P, E, D (EdDSA) or H.
  const EVP_MD* digest = nullptr;
};

Scheme SchemeOf(std::string_view algorithm) {
  if (algorithm == "EdDSA") return {'D', nullptr};
  if (algorithm.size() != 5) return {};
  const std::string_view bits = algorithm.substr(2);
  const EVP_MD* digest = bits == "256"   ? EVP_sha256()
                         : bits == "384" ? EVP_sha384()
                         : bits == "512" ? EVP_sha512()
                                         : nullptr;
  const std::string_view family = algorithm.substr(0, 2);
  if (digest == nullptr || (family != "RS" && family != "PS" && family != "ES" && family != "HS")) return {};
  return {family[0], digest};
}

const unsigned char* Bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

// JOSE writes r and s one behind the other; OpenSSL wants them as DER.
std::string DerOf(std::string_view signature, std::size_t half) {
  if (signature.size() != 2 * half) return {};
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(ECDSA_SIG_new(), ECDSA_SIG_free);
  BIGNUM* r = BN_bin2bn(Bytes(signature), static_cast<int>(half), nullptr);
  BIGNUM* s = BN_bin2bn(Bytes(signature) + half, static_cast<int>(half), nullptr);
  if (pair == nullptr || ECDSA_SIG_set0(pair.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return {};
  }
  std::array<unsigned char, kMaxDerSignature> der{};
  unsigned char* end = der.data();
  const int size = i2d_ECDSA_SIG(pair.get(), &end);
  return size > 0 ? std::string(reinterpret_cast<const char*>(der.data()), static_cast<std::size_t>(size)) : "";
}

std::size_t HalfSize(KeyKind kind) {
  switch (kind) {
    case KeyKind::kEcP256: return 32;
    case KeyKind::kEcP384: return 48;
    default: return 66;
  }
}

bool VerifySecret(const VerificationKey& key, const EVP_MD* digest, std::string_view message,
                  std::string_view signature) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> made{};
  unsigned int size = 0;
  HMAC(digest, key.secret.data(), static_cast<int>(key.secret.size()), Bytes(message), message.size(), made.data(),
       &size);
  return signature.size() == size && CRYPTO_memcmp(made.data(), signature.data(), size) == 0;
}

}  // namespace

bool Fits(const VerificationKey& key, std::string_view algorithm) {
  if (!key.algorithm.empty() && key.algorithm != algorithm) return false;
  const Scheme scheme = SchemeOf(algorithm);
  switch (key.kind) {
    case KeyKind::kRsa: return scheme.family == 'R' || scheme.family == 'P';
    case KeyKind::kEcP256: return algorithm == "ES256";
    case KeyKind::kEcP384: return algorithm == "ES384";
    case KeyKind::kEcP521: return algorithm == "ES512";
    case KeyKind::kEdwards: return scheme.family == 'D';
    case KeyKind::kSecret: return scheme.family == 'H';
  }
  return false;
}

bool Verify(const VerificationKey& key, std::string_view algorithm, std::string_view message,
            std::string_view signature) {
  const Scheme scheme = SchemeOf(algorithm);
  if (scheme.family == 'H') return VerifySecret(key, scheme.digest, message, signature);
  std::string der;
  if (scheme.family == 'E') {
    der = DerOf(signature, HalfSize(key.kind));
    if (der.empty()) return false;
    signature = der;
  }
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_PKEY_CTX* options = nullptr;
  if (EVP_DigestVerifyInit(context.get(), &options, scheme.digest, nullptr, key.key.get()) != 1) return false;
  if (scheme.family == 'P' && (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
                               EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return false;
  }
  return EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(message), message.size()) == 1;
}

}  // namespace eider::auth
