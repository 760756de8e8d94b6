#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/mutex.h"
#include "base/result.h"
#include "cluster/core_cipher.h"
#include "engine/session_pool.h"

namespace eider::sources {

// Credentials of an object storage, such as S3.
struct ObjectStorage {
  std::string name;
  std::string type;   // s3, r2, gcs or azure.
  std::string scope;  // Prefix of the URLs that they are for; empty = all of the type.
  std::string key;    // Of azure: the account's name.
  std::string secret;
  std::string region;
  std::string endpoint;
  std::string url_style;  // path or vhost; empty = the engine's choice.
  std::string kms_key_id;
  std::string account_id;
  bool use_ssl = true;
  bool url_compatibility = false;
};

// `storage` as it is kept: the type in small letters, a bucket's name as the scope of its URLs, the endpoint without
// scheme. `note` receives what a caller should know, if anything. Fails with kBadInput for what no storage can be.
Result<ObjectStorage> NormalisedStorage(ObjectStorage storage, std::string& note);

// The object storages that the node may use: known to the engine, and kept in the core database, where they are the
// only place with the secrets; nothing ever shows these. Owned by the composition root; the core database is attached
// as long as this lives. Thread-safe.
class ObjectStorages {
 public:
  // Runs `work` so that what it changes in the core database is kept.
  using Work = std::function<Status(engine::Session&)>;
  using Change = std::function<Status(const Work& work)>;

  // `cipher` encrypts the secrets; null = they lie as they are. An empty `change` takes any session.
  explicit ObjectStorages(engine::SessionPool& sessions, std::shared_ptr<const cluster::CoreCipher> cipher = nullptr,
                          Change change = {});

  // Makes a storage usable and remembers it, in the place of one of the same name. Fails with kBadInput for values that
  // the engine refuses, kSourceUnavailable when it lacks the extension for them, and kCoreUnavailable when it cannot be
  // remembered; what was there before then stays. `change` takes the place of the usual one when it is given.
  Status Register(const ObjectStorage& storage, const Change& change = {});

  // Forgets a storage; kNotFound when there is none of that name.
  Status Unregister(const std::string& name, const Change& change = {});

  // Makes exactly the remembered storages usable: at start, and after another node has changed them. Secrets that were
  // made otherwise are left alone. Returns what failed, one text a storage.
  std::vector<std::string> Sync();

 private:
  Result<std::string> Sealed(const std::string& name, const char* column, const std::string& secret) const;

  Result<ObjectStorage> Unsealed(ObjectStorage storage) const;
  Status MakeUsable(engine::Session& session, const ObjectStorage& storage) REQUIRES_LOCK(mutex_);
  Status Drop(engine::Session& session, const std::string& name) REQUIRES_LOCK(mutex_);
  std::vector<std::string> SyncLocked() REQUIRES_LOCK(mutex_);

  engine::SessionPool& sessions_;
  const std::shared_ptr<const cluster::CoreCipher> cipher_;
  const Change change_;
  Mutex mutex_;
  std::map<std::string, Digest> made_ GUARDED_BY(mutex_);  // What the engine was told, by name.
};

}  // namespace eider::sources
