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

namespace eider::server {

// What of the rest of the node access needs; outlives it.
struct AccessParts {
  observe::Log& log;
  const auth::RoleDirectory* roles = nullptr;            // Null = every role exists.
  const SnapshotHolder<auth::KeyIndex>* keys = nullptr;  // Null = there are no managed keys.
  std::string pepper;
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

 private:
  Access(const config::Config& config, AccessParts parts, std::unique_ptr<auth::SharedBuckets> shared_rates);

  Status Apply(bool at_start);
  void Reload();
  void Watch();
  std::string FileState() const;

  const config::Config config_;
  const AccessParts parts_;
  auth::TrustedProxies proxies_;
  std::unique_ptr<auth::SharedBuckets> shared_rates_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  bool loopback_only_ = true;
  bool needs_credentials_ = true;
  std::string file_state_;  // When and how long the file was, as it was read last.
  std::atomic<bool> reload_ = false;
  async::BlockingPool pool_{"eider-auth", 2};
  Mutex mutex_;
  CondVar wake_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread watcher_;
};

}  // namespace eider::server
