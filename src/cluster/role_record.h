#pragma once

#include <chrono>
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

// A row of `role_limits`; nothing = the node's default.
struct RoleLimits {
  std::optional<std::int64_t> max_concurrency;
  std::optional<std::int64_t> max_queued;
  std::optional<std::int64_t> requests_per_minute;
  std::optional<std::chrono::milliseconds> query_timeout;
  std::optional<std::int64_t> max_rows;
  std::optional<std::int64_t> max_result_bytes;
  std::optional<std::int64_t> max_memory_bytes;
  std::optional<std::int64_t> max_depth;
  std::optional<double> max_cost;
  std::optional<std::int64_t> priority;

  friend bool operator==(const RoleLimits&, const RoleLimits&) = default;
};

// A row of `roles` with its permissions, in the order of their keys.
struct RoleRecord {
  std::string name;
  bool disabled = false;
  bool can_impersonate = false;
  RoleLimits limits;
  std::string secret_reader;  // The engine's function that shows this role whole connection texts; empty = none does.
  std::vector<PermissionRecord> rows;

  friend bool operator==(const RoleRecord&, const RoleRecord&) = default;
};

// All roles as one transaction saw them.
struct RoleRecords {
  std::int64_t version = 0;  // Of `permission_version`.
  std::vector<RoleRecord> roles;
};

}  // namespace eider::cluster
