// Public keys in all the forms that operators and identity providers have them.
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <rapidjson/document.h>

#include <optional>

#include "auth/verification_key.h"
#include "base/digest.h"
#include "base/json.h"

namespace eider::auth {
namespace {

constexpr int kLeastRsaBits = 2048;
constexpr std::size_t kMostKeys = 64;

using KeyPointer = std::shared_ptr<EVP_PKEY>;
using Build = std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)>;
using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

Error Bad(std::string text) {
  ERR_clear_error();
  return {ErrorCode::kBadInput, std::move(text)};
}

KeyPointer Own(EVP_PKEY* key) { return {key, EVP_PKEY_free}; }

// Tells the kind of a key, and refuses what is too weak.
Result<VerificationKey> Classify(KeyPointer key) {
  if (key == nullptr) return Bad("this is no public key");
  VerificationKey made;
  switch (EVP_PKEY_get_base_id(key.get())) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
      if (EVP_PKEY_get_bits(key.get()) < kLeastRsaBits) return Bad("an RSA key must have at least 2048 bits");
      made.kind = KeyKind::kRsa;
      break;
    case EVP_PKEY_ED25519:
    case EVP_PKEY_ED448: made.kind = KeyKind::kEdwards; break;
    case EVP_PKEY_EC: {
      char group[64] = {};
      EVP_PKEY_get_group_name(key.get(), group, sizeof group, nullptr);
      const std::string_view name = group;
      if (name == "prime256v1" || name == "P-256") {
        made.kind = KeyKind::kEcP256;
      } else if (name == "secp384r1" || name == "P-384") {
        made.kind = KeyKind::kEcP384;
      } else if (name == "secp521r1" || name == "P-521") {
        made.kind = KeyKind::kEcP521;
      } else {
        return Bad("unknown curve of a public key");
      }
      break;
    }
    default: return Bad("unknown kind of public key");
  }
  made.key = std::move(key);
  return made;
}

KeyPointer FromParameters(const char* type, OSSL_PARAM_BLD* build) {
  const std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> params(OSSL_PARAM_BLD_to_param(build), OSSL_PARAM_free);
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), EVP_PKEY_CTX_free);
  EVP_PKEY* key = nullptr;
  if (params == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return Own(key);
}

KeyPointer RsaKey(const std::string& modulus, const std::string& exponent) {
  const auto number = [](const std::string& bytes) {
    return Number(
        BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr),
        BN_free);
  };
  const Number n = number(modulus);
  const Number e = number(exponent);
  const Build build(OSSL_PARAM_BLD_new(), OSSL_PARAM_BLD_free);
  OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  return FromParameters("RSA", build.get());
}

KeyPointer EcKey(const char* group, const std::string& point) {
  const Build build(OSSL_PARAM_BLD_new(), OSSL_PARAM_BLD_free);
  OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
  OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  return FromParameters("EC", build.get());
}

KeyPointer EdwardsKey(int type, const std::string& bytes) {
  EVP_PKEY* key =
      EVP_PKEY_new_raw_public_key(type, nullptr, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  if (key == nullptr) ERR_clear_error();
  return Own(key);
}

// --- PEM, DER and SSH ---------------------------------------------------------------------------

KeyPointer FromPem(std::string_view text) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())),
                                                     BIO_free);
  if (text.find("BEGIN CERTIFICATE") != std::string_view::npos) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free);
    return certificate == nullptr ? nullptr : Own(X509_get_pubkey(certificate.get()));
  }
  EVP_PKEY* key = nullptr;
  const std::unique_ptr<OSSL_DECODER_CTX, decltype(&OSSL_DECODER_CTX_free)> decoder(
      OSSL_DECODER_CTX_new_for_pkey(&key, "PEM", nullptr, nullptr, EVP_PKEY_PUBLIC_KEY, nullptr, nullptr),
      OSSL_DECODER_CTX_free);
  if (decoder == nullptr || OSSL_DECODER_from_bio(decoder.get(), in.get()) != 1) return nullptr;
  return Own(key);
}

KeyPointer FromDer(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  if (EVP_PKEY* key = d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())); key != nullptr) return Own(key);
  at = reinterpret_cast<const unsigned char*>(der.data());
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())),
                                                                X509_free);
  ERR_clear_error();
  return certificate == nullptr ? nullptr : Own(X509_get_pubkey(certificate.get()));
}

// Takes one length-prefixed text of an SSH key.
std::optional<std::string> TakeSshText(std::string_view& blob) {
  if (blob.size() < 4) return std::nullopt;
  std::size_t size = 0;
  for (int i = 0; i < 4; ++i) size = (size << 8) | static_cast<unsigned char>(blob[static_cast<std::size_t>(i)]);
  if (size > blob.size() - 4) return std::nullopt;
  std::string text(blob.substr(4, size));
  blob.remove_prefix(4 + size);
  return text;
}

KeyPointer FromSsh(std::string_view line) {
  const std::size_t begin = line.find(' ') + 1;
  const auto blob = FromBase64(line.substr(begin, line.find(' ', begin) - begin));
  if (!blob) return nullptr;
  std::string_view rest = *blob;
  const auto type = TakeSshText(rest);
  const auto first = TakeSshText(rest);
  if (!type || !first) return nullptr;
  if (*type == "ssh-ed25519") return EdwardsKey(EVP_PKEY_ED25519, *first);
  const auto second = TakeSshText(rest);
  if (!second) return nullptr;
  if (*type == "ssh-rsa") return RsaKey(*second, *first);
  if (*type == "ecdsa-sha2-nistp256") return EcKey("P-256", *second);
  if (*type == "ecdsa-sha2-nistp384") return EcKey("P-384", *second);
  if (*type == "ecdsa-sha2-nistp521") return EcKey("P-521", *second);
  return nullptr;
}

// --- JSON Web Keys ------------------------------------------------------------------------------

std::string BytesMember(const rapidjson::Value& object, const char* name) {
  return FromBase64Url(TextMember(object, name)).value_or("");
}

KeyPointer FromJwk(const rapidjson::Value& jwk) {
  const std::string type = TextMember(jwk, "kty");
  const std::string curve = TextMember(jwk, "crv");
  if (type == "RSA") return RsaKey(BytesMember(jwk, "n"), BytesMember(jwk, "e"));
  const std::string x = BytesMember(jwk, "x");
  if (type == "OKP" && curve == "Ed25519") return EdwardsKey(EVP_PKEY_ED25519, x);
  if (type == "OKP" && curve == "Ed448") return EdwardsKey(EVP_PKEY_ED448, x);
  const std::size_t size = curve == "P-256" ? 32 : curve == "P-384" ? 48 : curve == "P-521" ? 66 : 0;
  const std::string y = BytesMember(jwk, "y");
  if (type != "EC" || size == 0 || x.size() != size || y.size() != size) return nullptr;
  return EcKey(curve.c_str(), "\x04" + x + y);
}

bool IsForSignatures(const rapidjson::Value& jwk) {
  const std::string use = TextMember(jwk, "use");
  if (!use.empty() && use != "sig") return false;
  const auto operations = jwk.FindMember("key_ops");
  if (operations == jwk.MemberEnd() || !operations->value.IsArray()) return true;
  for (const auto& operation : operations->value.GetArray()) {
    if (operation.IsString() && std::string_view(operation.GetString()) == "verify") return true;
  }
  return false;
}

}  // namespace

Result<VerificationKey> ReadPublicKey(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  while (!text.empty() && (text.front() == '\n' || text.front() == ' ')) text.remove_prefix(1);
  if (text.find("PRIVATE KEY") != std::string_view::npos) return Bad("this is a private key; give the public one");
  if (text.find("-----BEGIN ") != std::string_view::npos) return Classify(FromPem(text));
  if (text.starts_with("ssh-") || text.starts_with("ecdsa-sha2-")) return Classify(FromSsh(text));
  const auto decoded = FromBase64(text);
  if (!decoded || decoded->empty()) return Bad("this is no public key");
  const bool is_text =
      decoded->starts_with("-----BEGIN ") || decoded->starts_with("ssh-") || decoded->starts_with("ecdsa-sha2-");
  if (is_text) return ReadPublicKey(*decoded);
  return Classify(FromDer(*decoded));
}

Result<VerificationKeys> ReadKeySet(std::string_view json) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  const bool is_set =
      !document.HasParseError() && document.IsObject() && document.HasMember("keys") && document["keys"].IsArray();
  if (!is_set) return Bad("this is no JSON Web Key Set");
  VerificationKeys keys;
  for (const rapidjson::Value& jwk : document["keys"].GetArray()) {
    if (!jwk.IsObject() || !IsForSignatures(jwk)) continue;
    auto key = Classify(FromJwk(jwk));
    if (!key) continue;
    key->id = TextMember(jwk, "kid");
    key->algorithm = TextMember(jwk, "alg");
    if (key->algorithm.starts_with("HS")) continue;
    keys.push_back(std::move(*key));
    if (keys.size() == kMostKeys) break;
  }
  return keys;
}

}  // namespace eider::auth
