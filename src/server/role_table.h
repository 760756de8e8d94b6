#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "auth/role_directory.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/snapshot.h"
#include "engine/session_pool.h"

namespace eider::server {

// What the edge must know of the roles of the core database, held in memory. Thread-safe; readers never wait for the
// database.
class RoleTable final : public auth::RoleDirectory {
 public:
  explicit RoleTable(engine::SessionPool& sessions) : sessions_(sessions) {}

  // Reads the roles anew. On failure the last ones stay.
  Status Refresh();

  std::shared_ptr<const auth::RoleFacts> Find(std::string_view role) const override;

 private:
  using Roles = std::map<std::string, std::shared_ptr<auth::RoleFacts>, std::less<>>;

  engine::SessionPool& sessions_;
  Mutex refreshing_;
  SnapshotHolder<Roles> roles_;
};

}  // namespace eider::server
