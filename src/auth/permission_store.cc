#include "auth/permission_store.h"

#include <algorithm>
#include <utility>

namespace eider::auth {

std::shared_ptr<const RoleFacts> PermissionStore::Find(std::string_view role) const {
  const auto rules = Get()->Find(role);
  return rules == nullptr ? nullptr : rules->facts();
}

Status PermissionStore::Refresh() {
  if (core_ == nullptr) return {};
  // One at a time, so that an older state never replaces a newer one.
  MutexLock lock(refreshing_);
  EIDER_ASSIGN_OR_RETURN(cluster::RoleRecords records, core_->ListRoles());
  for (cluster::RoleRecord& record : records.roles) {
    if (std::ranges::find(readers_.roles, record.name) != readers_.roles.end())
      record.secret_reader = readers_.function;
  }
  const auto before = current_.Get();
  current_.Set(std::make_shared<const PermissionSnapshot>(std::move(records), before.get()));
  return {};
}

}  // namespace eider::auth
