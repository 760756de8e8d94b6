#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cluster/core_cipher.h"
#include "engine/session_pool.h"

namespace eider::sources {

// Credentials of an object storage, such as S3.
struct ObjectStorage {
  std::string name;
  std::string type;   // s3, r2 or gcs.
  std::string scope;  // Prefix of the URLs that they are for; empty = all of the type.
  std::string key;
  std::string secret;
  std::string region;
  std::string endpoint;
  std::string url_style;  // path or vhost; empty = the engine's choice.
  std::string kms_key_id;
  std::string account_id;
  bool use_ssl = true;
  bool url_compatibility = false;
};

// The object storages that the node may use: known to the engine, and kept in the core database, where they are the
// only place with the secrets; nothing ever shows these. Owned by the composition root; the core database is attached
// as long as this lives. Thread-safe.
class ObjectStorages {
 public:
  // `cipher` encrypts the secrets; null = they lie as they are.
  explicit ObjectStorages(engine::SessionPool& sessions, std::shared_ptr<const cluster::CoreCipher> cipher = nullptr)
      : sessions_(sessions),
        cipher_(std::move(cipher)) {}

  // Makes a storage usable and remembers it, in the place of one of the same name. Fails with kBadInput for values that
  // the engine refuses, and kSourceUnavailable when it lacks the extension for them.
  Status Register(const ObjectStorage& storage);

  // Forgets a storage; kNotFound when there is none of that name.
  Status Unregister(const std::string& name);

  // Makes all remembered storages usable again, at start. Returns what failed, one text a storage.
  std::vector<std::string> Restore();

 private:
  Result<std::string> Sealed(const std::string& name, const char* column, const std::string& secret) const;

  engine::SessionPool& sessions_;
  const std::shared_ptr<const cluster::CoreCipher> cipher_;
};

}  // namespace eider::sources
