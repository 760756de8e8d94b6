#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/role_record.h"

namespace eider::auth {

// A rule about paths of the HTTP interface or names of other listeners: a row with type `_endpoints`.
struct EndpointRule {
  std::string prefix;  // "/query", "flight", "*".
  bool disabled = false;
};

// What the edge must know of a role.
struct RoleFacts {
  bool disabled = false;
  bool can_impersonate = false;
  std::vector<EndpointRule> endpoints;
  cluster::RoleLimits limits;
};

// Tells about roles as they are now. Thread-safe; never asks a database while it answers.
class RoleDirectory {
 public:
  virtual ~RoleDirectory() = default;
  // The facts about `role`; null when there is no such role.
  virtual std::shared_ptr<const RoleFacts> Find(std::string_view role) const = 0;
};

// `path` percent-decoded, with "//", "." and ".." resolved; "/" for anything that leads above the root.
std::string NormalisePath(std::string_view path);

// Whether rules let a role use the normalised path or listener name. The longest prefix that ends at a "/" decides;
// "*" is the weakest.
bool IsEndpointAllowed(const std::vector<EndpointRule>& rules, std::string_view endpoint);

}  // namespace eider::auth
