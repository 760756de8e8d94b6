#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"

namespace eider::auth {

// Headers that may name parts of an identity; an empty one names none.
struct IdentityHeaders {
  std::string role;
  std::string user_id;
  std::string user_name;
};

struct StaticKeySettings {
  Digest digest{};  // SHA-256 of the key.
  std::string header = "x-hugr-api-key";
  std::string default_role = "public";
  std::vector<std::string> allowed_roles;  // That `headers.role` may choose.
  IdentityHeaders headers;
  std::string claims;  // A JSON object; empty = none.
};

struct ClaimNames {
  std::string role = "x-hugr-role";
  std::string user_id = "sub";
  std::string user_name = "name";
};

struct JwtSettings {
  std::string issuer;
  std::vector<std::string> audience;
  std::string public_key;  // Text of any supported form; of jwks_url, jwks_file and hs_secret exactly one is given.
  std::string jwks_url;
  std::string jwks_file;
  std::string hs_secret;
  std::vector<std::string> algorithms;  // Empty = those that fit the key.
  std::string cookie_name;
  std::string scope_role_prefix = "hugr:";
  std::string role_header = "x-hugr-role";
  std::string default_role;
  std::map<std::string, std::string> required_claims;
  ClaimNames claims;
  std::chrono::milliseconds leeway = std::chrono::seconds(30);
  std::chrono::milliseconds timeout = std::chrono::seconds(5);
  bool allow_no_exp = false;
  bool tls_insecure = false;
};

struct OidcSettings {
  std::string issuer;  // Empty = OIDC is off.
  std::string client_id;
  std::string client_secret;
  std::string redirect_url;
  std::string cookie_name;
  std::string scopes = "openid profile email";
  std::string scope_role_prefix = "hugr:";
  std::string default_role;
  ClaimNames claims;
  std::chrono::milliseconds timeout = std::chrono::seconds(5);
  bool tls_insecure = false;
  bool skip_audience = false;
  bool userinfo = false;
};

// Everything that decides who a request comes from: environment and auth file together.
struct AuthSettings {
  std::optional<bool> anonymous_allowed;  // Nothing = by the rules of a secure start.
  std::string anonymous_role;             // Empty = by the same rules.
  std::string secret_key;
  bool managed_api_keys = false;
  std::string cluster_secret;  // Accepted as a plain header; empty = off.
  std::map<std::string, StaticKeySettings> api_keys;
  std::map<std::string, JwtSettings> jwt;
  OidcSettings oidc;
  std::vector<std::string> redirect_login_paths;
  std::string login_url;
  std::string redirect_url;

  // Whether there is any way but anonymous.
  bool HasProvider() const {
    return !secret_key.empty() || managed_api_keys || !cluster_secret.empty() || !api_keys.empty() || !jwt.empty() ||
           !oidc.issuer.empty();
  }
};

}  // namespace eider::auth
