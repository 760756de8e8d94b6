#pragma once

#include <rapidjson/document.h>

#include <memory>
#include <string>

namespace eider::auth {

// Who makes a request. Immutable while the request lives; shared, never copied on the hot path.
struct Identity {
  std::string user_id;
  std::string user_name;
  std::string role;           // Exactly one.
  std::string auth_type;      // "anonymous", "apiKey", "db-api-key", "jwt", "oidc", "impersonation", "cluster".
  std::string auth_provider;  // Name of the provider that accepted the credential.
  std::string principal;      // Who holds the credential, such as "key:grafana". For limits and audit, never shown.
  std::shared_ptr<const rapidjson::Document> claims;  // An object; null = none.
  std::shared_ptr<const Identity> impersonated_by;    // Who acts as this identity; null = nobody else.
};

// Nobody by name, with role `role`.
std::shared_ptr<const Identity> Anonymous(std::string role);

}  // namespace eider::auth
