#include "base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <cstring>

#include "base/encoding.h"

namespace eider {
namespace {

constexpr std::string_view kUrlAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const unsigned char* Bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

constexpr std::array<signed char, 256> ReverseOf(std::string_view alphabet) {
  std::array<signed char, 256> table{};
  table.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<signed char>(i);
  }
  return table;
}

// Strict: left-over bits must be zero, so that every value has one text only.
std::optional<std::string> Decode(std::string_view text, const std::array<signed char, 256>& table) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = table[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<char>((bits >> count) & 0xff));
  }
  if ((bits & ((1U << count) - 1)) != 0) return std::nullopt;
  return out;
}

}  // namespace

std::string Sha1(std::string_view text) {
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Digest Sha256(std::string_view text) {
  Digest digest;
  SHA256(Bytes(text), text.size(), digest.data());
  return digest;
}

Sha256Stream::Sha256Stream() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }

void Sha256Stream::Add(std::string_view piece) { EVP_DigestUpdate(context_.get(), piece.data(), piece.size()); }

Digest Sha256Stream::Finish() {
  Digest digest{};
  unsigned int size = 0;
  EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
  return digest;
}

void Sha256Stream::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Digest HmacSha256(std::string_view key, std::string_view text) {
  Digest digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Bytes(text), text.size(), digest.data(), &size);
  return digest;
}

Digest HkdfSha256(std::string_view secret, std::string_view info) {
  const std::string no_salt(sizeof(Digest), '\0');
  const Digest extracted = HmacSha256(no_salt, secret);
  return HmacSha256(BytesOf(extracted), std::string(info) + '\x01');
}

bool EqualDigests(const Digest& a, const Digest& b) { return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

bool EqualSecrets(std::string_view a, std::string_view b) { return EqualDigests(Sha256(a), Sha256(b)); }

Result<std::string> RandomBytes(std::size_t size) {
  std::string bytes(size, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(size)) == 1) return bytes;
  return Error(ErrorCode::kInternal, "the system gives no random bytes");
}

std::string_view BytesOf(const Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

std::string HexText(const Digest& digest) { return HexText(BytesOf(digest)); }

std::optional<Digest> DigestFromHex(std::string_view text) {
  Digest digest{};
  if (text.size() != digest.size() * 2) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int value = HexDigit(text[i]);
    if (value < 0) return std::nullopt;
    digest[i / 2] = static_cast<unsigned char>((digest[i / 2] << 4) | value);
  }
  return digest;
}

std::string Base64Url(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (count += 8; count >= 6;) {
      count -= 6;
      text.push_back(kUrlAlphabet[(bits >> count) & 63]);
    }
  }
  if (count > 0) text.push_back(kUrlAlphabet[(bits << (6 - count)) & 63]);
  return text;
}

std::optional<std::string> FromBase64Url(std::string_view text) {
  static constexpr auto kTable = ReverseOf(kUrlAlphabet);
  return Decode(text, kTable);
}

std::string Base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), Bytes(bytes), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::optional<std::string> FromBase64(std::string_view text) {
  static constexpr auto kTable = ReverseOf(kAlphabet);
  std::string plain;
  for (const char c : text) {
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') plain.push_back(c);
  }
  for (int i = 0; i < 2 && plain.ends_with('='); ++i) plain.pop_back();
  return Decode(plain, kTable);
}

std::size_t DigestHash::operator()(const Digest& digest) const {
  std::size_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof hash);
  return hash;
}

}  // namespace eider
