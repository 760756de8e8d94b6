#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "auth/permissions.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/snapshot.h"
#include "cluster/core_database.h"

namespace eider::auth {

// Roles that may read connection texts whole, and the engine's function that shows them.
struct SecretReaders {
  std::vector<std::string> roles;
  std::string function;
};

// Keeps the roles of the core database in memory. Owned by the composition root. Thread-safe; readers never wait for
// the database.
class PermissionStore final : public RoleDirectory {
 public:
  // Without a core database (null) there is only `admin`.
  explicit PermissionStore(cluster::CoreDatabase* core, SecretReaders readers = {})
      : core_(core),
        readers_(std::move(readers)),
        current_(OnlyAdmin()) {}

  // Never null.
  std::shared_ptr<const PermissionSnapshot> Get() const { return current_.Get(); }

  std::shared_ptr<const RoleFacts> Find(std::string_view role) const override;

  // Serves `roles` from now on.
  void Set(std::shared_ptr<const PermissionSnapshot> roles) { current_.Set(std::move(roles)); }

  // Replaces the snapshot by what the database holds. On failure the last one stays.
  Status Refresh();

 private:
  cluster::CoreDatabase* const core_;
  const SecretReaders readers_;
  SnapshotHolder<PermissionSnapshot> current_;
  Mutex refreshing_;
};

}  // namespace eider::auth
