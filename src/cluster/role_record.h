#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace eider::cluster {

// A row of `permissions`.
struct PermissionRecord {
  std::string type_name;
  std::string field_name;
  bool hidden = false;
  bool disabled = false;
  std::string filter;  // JSON text; empty = none.
  std::string data;

  friend bool operator==(const PermissionRecord&, const PermissionRecord&) = default;
};

// A row of `roles` with its permissions, in the order of their keys.
struct RoleRecord {
  std::string name;
  bool disabled = false;
  bool can_impersonate = false;
  std::optional<std::int64_t> requests_per_minute;  // Of `role_limits`.
  std::vector<PermissionRecord> rows;

  friend bool operator==(const RoleRecord&, const RoleRecord&) = default;
};

// All roles as one transaction saw them.
struct RoleRecords {
  std::int64_t version = 0;  // Of `permission_version`.
  std::vector<RoleRecord> roles;
};

}  // namespace eider::cluster
