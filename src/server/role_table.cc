#include "server/role_table.h"

#include "engine/text_rows.h"

namespace eider::server {

Status RoleTable::Refresh() {
  MutexLock lock(refreshing_);
  EIDER_ASSIGN_OR_RETURN(const engine::SessionPool::Lease session, sessions_.Acquire());
  EIDER_ASSIGN_OR_RETURN(
      const auto rows,
      engine::ReadTextRows(*session,
                           "SELECT name, coalesce(disabled, false), coalesce(can_impersonate, false) FROM "
                           "core.eider.roles"));
  EIDER_ASSIGN_OR_RETURN(
      const auto endpoints,
      // A parameter, as the engine would keep a plan that knows which literals there were.
      engine::ReadTextRows(*session,
                           "SELECT role, field_name, coalesce(disabled, false) FROM core.eider.permissions "
                           "WHERE type_name = $1",
                           {std::string("_endpoints")}));
  auto roles = std::make_shared<Roles>();
  for (const engine::TextRow& row : rows) {
    auto facts = std::make_shared<auth::RoleFacts>();
    facts->disabled = row[1] == "true";
    facts->can_impersonate = row[2] == "true";
    (*roles)[row[0].value_or("")] = std::move(facts);
  }
  for (const engine::TextRow& row : endpoints) {
    const auto role = roles->find(row[0].value_or(""));
    if (role != roles->end()) role->second->endpoints.push_back({row[1].value_or(""), row[2] == "true"});
  }
  roles_.Set(std::move(roles));
  return {};
}

std::shared_ptr<const auth::RoleFacts> RoleTable::Find(std::string_view role) const {
  const auto roles = roles_.Get();
  if (roles == nullptr) return nullptr;
  const auto found = roles->find(role);
  return found == roles->end() ? nullptr : found->second;
}

}  // namespace eider::server
