#include "auth/identity.h"

#include <utility>

namespace eider::auth {

std::shared_ptr<const Identity> Anonymous(std::string role) {
  return std::make_shared<const Identity>(Identity{.user_id = "anonymous",
                                                   .user_name = "anonymous",
                                                   .role = std::move(role),
                                                   .auth_type = "anonymous",
                                                   .auth_provider = "anonymous",
                                                   .principal = "anon:",
                                                   .claims = nullptr,
                                                   .impersonated_by = nullptr});
}

}  // namespace eider::auth
