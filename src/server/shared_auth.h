#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "cluster/core_cipher.h"
#include "cluster/core_store.h"
#include "server/operation_outcome.h"

namespace eider::server {

// The auth settings that an operator stores for all nodes of a cluster, encrypted in the core database. Owned by the
// node; thread-safe.
class SharedAuth {
 public:
  // A generation that nothing was stored in is 0, with an empty text.
  struct Stored {
    std::int64_t generation = 0;
    std::string config;  // JSON of the form of an auth file.
  };

  // Both outlive it.
  SharedAuth(cluster::CoreStore& store, const cluster::CoreCipher& cipher) : store_(store), cipher_(cipher) {}

  // Who uses the settings on this node: `check` fails for a text that cannot be used, `apply` takes over what is
  // stored. Set before the first request.
  void SetUser(std::function<Status(const std::string& config)> check, std::function<Status()> apply) {
    check_ = std::move(check);
    apply_ = std::move(apply);
  }

  // Fails with kCoreUnavailable.
  Result<Stored> Read();

  // The settings as JSON with secrets as ***; "null" while nothing is stored.
  Result<std::string> Show();

  // Takes over what is stored on this node. Fails when it cannot be read or used.
  Status Apply() { return apply_(); }

  // Stores settings for all nodes and uses them here; *** keeps the secret that was stored in that place. `lease` must
  // be held.
  OperationOutcome Set(const std::string& config, const cluster::LeaseToken& lease);

 private:
  Status Store(const std::string& config, const cluster::LeaseToken& lease);

  cluster::CoreStore& store_;
  const cluster::CoreCipher& cipher_;
  std::function<Status(const std::string& config)> check_;
  std::function<Status()> apply_;
};

}  // namespace eider::server
