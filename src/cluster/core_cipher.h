#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace eider::cluster {

struct CipherOptions {
  std::string key;                    // 32 bytes in base64; empty = `key_file`.
  std::vector<std::string> old_keys;  // Likewise; only to read.
  std::string key_file;               // Made when it is missing; empty = a key for this process only.
};

// Encrypts secrets of the core database with AES-256-GCM. Immutable, thread-safe.
class CoreCipher {
 public:
  // Fails with kBadInput for keys that are not 32 bytes, and kCoreUnavailable when the key's file cannot be used.
  static Result<std::shared_ptr<const CoreCipher>> Open(const CipherOptions& options);
  ~CoreCipher();
  CoreCipher(const CoreCipher&) = delete;
  CoreCipher& operator=(const CoreCipher&) = delete;

  // Whether `text` is what Seal() gave.
  static bool IsSealed(std::string_view text);

  // `plain` encrypted for `place`, such as "data_sources|path|shop": elsewhere it cannot be read.
  Result<std::string> Seal(std::string_view plain, std::string_view place) const;

  // What was sealed for `place`. Text that was never sealed is given back as it is. Fails with kCoreUnavailable for
  // another key, another place or changed text.
  Result<std::string> Unseal(std::string_view text, std::string_view place) const;

  // The key of the hashes of API keys that belongs to the present key.
  std::string pepper() const;

  // The same of the key with that fingerprint, present or former; nothing when none has it.
  std::optional<std::string> PepperOf(std::string_view fingerprint) const;

  // The key of hashes in the audit log.
  std::string audit_key() const;

  // Tells the key without giving it away: differs for every key.
  std::string fingerprint() const;

 private:
  struct Key {
    std::string id;
    std::string bytes;
  };
  explicit CoreCipher(std::vector<Key> keys) : keys_(std::move(keys)) {}
  static Result<Key> ReadKey(std::string_view base64);

  std::vector<Key> keys_;  // The first one encrypts.
};

}  // namespace eider::cluster
