#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "async/blocking_pool.h"
#include "auth/authenticator.h"
#include "auth/client_address.h"
#include "auth/secure_start.h"
#include "auth/shared_buckets.h"
#include "base/mutex.h"
#include "base/result.h"
#include "config/config.h"
#include "observe/log.h"
#include "server/shared_auth.h"

namespace eider::server {

// What of the rest of the node access needs; outlives it.
struct AccessParts {
  observe::Log& log;
  const auth::RoleDirectory* roles = nullptr;            // Null = every role exists.
  const SnapshotHolder<auth::KeyIndex>* keys = nullptr;  // Null = there are no managed keys.
  std::string pepper;
  SharedAuth* shared = nullptr;        // Settings of the whole cluster; null = there are none.
  std::function<void()> on_tick = {};  // Called about once a second by a thread that may wait.
};

// Who comes in: the providers of environment and auth file, read again when the file changes. Owned by the node, made
// before its listeners and stopped after them.
class Access {
 public:
  // Reads the settings and plans the start. Fails with kBadInput, for the operator.
  static Result<std::unique_ptr<Access>> Open(const config::Config& config, AccessParts parts);
  ~Access();

  auth::Authenticator& authenticator() { return *authenticator_; }
  const auth::TrustedProxies& proxies() const { return proxies_; }
  async::BlockingPool& pool() { return pool_; }

  bool loopback_only() const { return loopback_only_; }
  // Nobody comes in without credentials, or the listeners are for other machines anyway.
  bool needs_credentials() const { return needs_credentials_; }

  // Reads the auth file again, soon. Any thread.
  void ReloadSoon() { reload_ = true; }

  // Whether settings of the whole cluster could be used on this node as they are.
  Status CheckShared(const std::string& config) const;
  // Takes over what the whole cluster has stored, if it is new. Fails when it cannot be read or used.
  Status LookAtShared();
  // The same soon, by the watching thread. Any thread.
  void LookAtSharedSoon();

 private:
  Access(const config::Config& config, AccessParts parts, std::unique_ptr<auth::SharedBuckets> shared_rates);

  // Reads everything for the first time.
  Status Begin();
  Status Apply(bool at_start) REQUIRES_LOCK(apply_mutex_);
  auth::AuthenticatorParts PartsOfAuthenticator() const;
  void Reload();
  bool IsFileNew();
  void LogUnusedShared(const Error& error) const;
  void Watch();
  std::string FileState() const;

  const config::Config config_;
  const AccessParts parts_;
  auth::TrustedProxies proxies_;
  std::unique_ptr<auth::SharedBuckets> shared_rates_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  bool loopback_only_ = true;
  bool needs_credentials_ = true;
  Mutex apply_mutex_;                                // One change of the providers at a time.
  std::string file_state_ GUARDED_BY(apply_mutex_);  // When and how long the file was, as it was read last.
  SharedAuth::Stored shared_ GUARDED_BY(apply_mutex_);
  std::atomic<bool> reload_ = false;
  std::atomic<bool> look_at_shared_ = false;
  async::BlockingPool pool_{"eider-auth", 2};
  Mutex mutex_;
  CondVar wake_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread watcher_;
};

}  // namespace eider::server
