#include "cluster/core_cipher.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

#include "base/digest.h"
#include "base/encoding.h"
#include "engine/base64.h"

namespace eider::cluster {
namespace {

constexpr std::string_view kMark = "eider1:";
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kIdChars = 8;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* Bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string Hmac(std::string_view key, std::string_view text) { return std::string(BytesOf(HmacSha256(key, text))); }

Error NoFile(const std::string& path) {
  return {ErrorCode::kCoreUnavailable,
          "the key of the core database cannot be used: " + path + ": " + std::strerror(errno)};
}

// Writes a new key into a file that only its owner may read. Fails when there is a file already.
Status WriteKey(const std::string& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return NoFile(path);
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  ::close(file);
  if (!written) return NoFile(path);
  return {};
}

Result<std::string> KeyOfFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    EIDER_ASSIGN_OR_RETURN(const std::string bytes, RandomBytes(kKeyBytes));
    EIDER_RETURN_IF_ERROR(WriteKey(path, Base64(bytes) + "\n"));
    return Base64(bytes);
  }
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  while (text.ends_with('\n') || text.ends_with('\r') || text.ends_with(' ')) text.pop_back();
  return text;
}

}  // namespace

Result<CoreCipher::Key> CoreCipher::ReadKey(std::string_view base64) {
  auto bytes = engine::DecodeBase64(base64);
  if (!bytes || bytes->size() != kKeyBytes) {
    return Error(ErrorCode::kBadInput,
                 "CORE_DB_ENCRYPTION_KEY must be 32 bytes in base64, as of: openssl rand -base64 32");
  }
  Key key;
  key.bytes = std::move(*bytes);
  key.id = HexText(Hmac(key.bytes, "eider key id v1")).substr(0, kIdChars);
  return key;
}

Result<std::shared_ptr<const CoreCipher>> CoreCipher::Open(const CipherOptions& options) {
  std::string text = options.key;
  if (text.empty() && !options.key_file.empty()) {
    EIDER_ASSIGN_OR_RETURN(text, KeyOfFile(options.key_file));
  }
  if (text.empty()) {
    EIDER_ASSIGN_OR_RETURN(const std::string bytes, RandomBytes(kKeyBytes));
    text = Base64(bytes);
  }
  std::vector<Key> keys;
  EIDER_ASSIGN_OR_RETURN(Key key, ReadKey(text));
  keys.push_back(std::move(key));
  for (const std::string& old : options.old_keys) {
    EIDER_ASSIGN_OR_RETURN(Key former, ReadKey(old));
    keys.push_back(std::move(former));
  }
  return std::shared_ptr<const CoreCipher>(new CoreCipher(std::move(keys)));
}

CoreCipher::~CoreCipher() {
  for (Key& key : keys_) OPENSSL_cleanse(key.bytes.data(), key.bytes.size());
}

bool CoreCipher::IsSealed(std::string_view text) {
  return text.starts_with(kMark) && text.size() > kMark.size() + kIdChars && text[kMark.size() + kIdChars] == ':';
}

Result<std::string> CoreCipher::Seal(std::string_view plain, std::string_view place) const {
  EIDER_ASSIGN_OR_RETURN(const std::string nonce, RandomBytes(kNonceBytes));
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::string sealed(plain.size(), '\0');
  std::string tag(kTagBytes, '\0');
  int size = 0;
  const bool done =
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(keys_[0].bytes), Bytes(nonce)) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &size, Bytes(place), static_cast<int>(place.size())) == 1 &&
      EVP_EncryptUpdate(context.get(), Bytes(sealed), &size, Bytes(plain), static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), Bytes(tag), &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, Bytes(tag)) == 1;
  if (!done) return Error(ErrorCode::kInternal, "a secret could not be encrypted");
  return std::string(kMark) + keys_[0].id + ":" + Base64(nonce + sealed + tag);
}

Result<std::string> CoreCipher::Unseal(std::string_view text, std::string_view place) const {
  if (!IsSealed(text)) return std::string(text);
  const Error refusal(ErrorCode::kCoreUnavailable,
                      "a secret of the core database cannot be decrypted: core encryption key does not match");
  const std::string_view id = text.substr(kMark.size(), kIdChars);
  const auto blob = engine::DecodeBase64(text.substr(kMark.size() + kIdChars + 1));
  const Key* key = nullptr;
  for (const Key& known : keys_) {
    if (known.id == id) key = &known;
  }
  if (key == nullptr || !blob || blob->size() < kNonceBytes + kTagBytes) return refusal;
  const std::string_view sealed = std::string_view(*blob).substr(kNonceBytes, blob->size() - kNonceBytes - kTagBytes);
  std::string tag = blob->substr(blob->size() - kTagBytes);
  std::string plain(sealed.size(), '\0');
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int size = 0;
  std::array<unsigned char, kTagBytes> rest{};
  const bool done =
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key->bytes),
                         Bytes(std::string_view(*blob))) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &size, Bytes(place), static_cast<int>(place.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), Bytes(plain), &size, Bytes(sealed), static_cast<int>(sealed.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, Bytes(tag)) == 1 &&
      EVP_DecryptFinal_ex(context.get(), rest.data(), &size) == 1;
  if (!done) return refusal;
  return plain;
}

std::string CoreCipher::pepper() const { return Hmac(keys_[0].bytes, "eider api keys v1"); }

std::optional<std::string> CoreCipher::PepperOf(std::string_view fingerprint) const {
  for (const Key& key : keys_) {
    if (HexText(HmacSha256(key.bytes, "eider check v1")) == fingerprint) return Hmac(key.bytes, "eider api keys v1");
  }
  return std::nullopt;
}

std::string CoreCipher::audit_key() const { return Hmac(keys_[0].bytes, "eider audit v1"); }

std::string CoreCipher::fingerprint() const { return HexText(Hmac(keys_[0].bytes, "eider check v1")); }

}  // namespace eider::cluster
