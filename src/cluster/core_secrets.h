#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "cluster/core_cipher.h"
#include "cluster/core_store.h"
#include "engine/database.h"
#include "engine/session.h"

namespace eider::cluster {

// How secrets lie in the core database. Connection texts are encrypted, each for its own row; keys of clients are kept
// as hashes, with their last four characters. Adds the functions by which statements read and write both:
//   eider_sealed(value, stored, stored_for, for)  what is stored of `value` for a place; *** in it stands for the
//   secret
//                                                 that `stored` has there. NULL as value: `stored` for another place
//   eider_shown(stored, for)                      the connection text with its secrets as ***
//   eider_new_key(value, transaction)             the hash of a new key, which is made up when `value` is NULL
//   eider_key_hash(value)                         the hash of a key to compare with
//   eider_key_shown(stored, transaction)          **** and the last characters; inside the transaction that wrote the
//                                                 key, the key itself
// Owned by the composition root, outlives every session. Thread-safe.
class CoreSecrets {
 public:
  CoreSecrets(std::shared_ptr<const CoreCipher> cipher, std::function<void(std::string_view)> warn)
      : cipher_(std::move(cipher)),
        warn_(std::move(warn)),
        pepper_(cipher_->pepper()) {}

  // Makes the functions known to the engine. Fails with kInternal.
  Status Register(engine::Database& database);

  // Checks that the database was written with this key, and protects rows that an older version left as plain text.
  // Fails with kCoreUnavailable: "core encryption key does not match".
  Status Adopt(engine::Session& session);
  // The same for a database that is only read: what is not protected in it stays so.
  Status AdoptReadOnly(engine::Session& session);

  // Takes over how keys of clients are hashed from a database that nodes share, or is the first to say it.
  // `written_with` is the fingerprint of the key that the database had before this start; empty = none. Fails with
  // kCoreUnavailable, also when the cipher does not have that key.
  Status AdoptShared(CoreStore& store, const std::string& written_with);
  // The same without saying anything: keys of a database that has none yet are hashed as this process likes.
  Status AdoptSharedReadOnly(CoreStore& store, const std::string& written_with);

  // Encrypts everything with the present key and makes it the database's; the former keys must be among the old ones.
  // Keys of clients stay valid. Returns how many secrets there are. REQUIRES: Adopt() succeeded; no transaction of the
  // session is open.
  Result<int> Rotate(engine::Session& session);
  // The same for a database that nodes share, which may go on as long as they have both keys. REQUIRES: AdoptShared()
  // succeeded.
  Result<int> RotateShared(CoreStore& store);

  // The key of the hashes of clients' keys: it stays the same when the encryption key changes.
  const std::string& pepper() const { return pepper_; }

  // The function with a name of this process that shows whole connection texts: eider_shown() without the ***.
  const std::string& secret_reader() const { return secret_reader_; }

  const CoreCipher& cipher() const { return *cipher_; }

  // What is stored of a client's key. Fails with kBadInput for one that is too short.
  Result<std::string> StoredKey(std::string_view key) const;

  // Bytes of the hash in a stored key as hex, with which an index of keys begins.
  static std::optional<std::string> HashOf(std::string_view stored);

 private:
  struct Fresh {
    std::string transaction;
    std::string key;
  };

  // Finds out which key the database was written with, and reads the pepper that was stored with it.
  Status CheckKey(engine::Session& session);
  Status AdoptPepper(engine::Session& session);
  Status SealPepper(engine::Session& session);
  Result<std::string> SealedPepper() const;
  // Hashes as the former key `written_with` does, unless it is the present one; whether it is a former one.
  Result<bool> TakeFormerPepper(const std::string& written_with);
  Status TakePepper(const std::string& sealed);
  Result<int> Reseal(engine::Session& session);
  Result<int> ResealShared(CoreStore& store, std::vector<std::string>& statements) const;
  Result<std::string> Resealed(const std::string& sealed, const std::string& place) const;
  Result<std::string> NewKey(const std::optional<std::string_view>& given, std::string_view transaction);
  std::string ShownKey(std::string_view stored, std::string_view transaction);
  std::string Hash(std::string_view key) const;

  const std::shared_ptr<const CoreCipher> cipher_;
  const std::function<void(std::string_view)> warn_;
  std::string pepper_;
  std::string secret_reader_;
  Mutex mutex_;
  // Keys of transactions that may still run; a transaction's number never comes again.
  std::unordered_map<std::string, Fresh> fresh_ GUARDED_BY(mutex_);
  std::deque<std::string> fresh_order_ GUARDED_BY(mutex_);
};

}  // namespace eider::cluster
