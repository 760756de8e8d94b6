#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "auth/credentials.h"
#include "auth/identity_cache.h"
#include "auth/key_store.h"
#include "auth/provider.h"
#include "auth/settings.h"
#include "fetch/http_client.h"

namespace eider::auth {

// Where the present time comes from; tests have their own.
using WallClock = std::function<std::chrono::system_clock::time_point()>;

// What a provider of tokens wants of them, and how an identity is made of their claims.
struct TokenRules {
  JwtSettings settings;  // Its key members are not looked at.
  std::string auth_type = "jwt";
  std::string auth_provider;  // Empty = the token's issuer, or the provider's name.
  std::string name;
};

// Verifies tokens of one provider. Thread-safe.
class TokenVerifier {
 public:
  TokenVerifier(TokenRules rules, WallClock clock);

  // Tells whose token it is. `credentials` may choose among the roles that the token allows.
  Verdict Check(std::string_view text, const Credentials& credentials, KeyStore& keys, Patience patience);

  // The identity that claims give, without looking at signature and times. For answers of a userinfo endpoint too.
  Verdict IdentityOf(std::shared_ptr<const rapidjson::Document> claims) const;

  // `verdict` with the role that the header asks for, if the token's scopes allow it.
  Verdict ChooseRole(Verdict verdict, const Credentials& credentials) const;

  std::chrono::system_clock::time_point now() const { return clock_(); }

 private:
  bool IsMine(std::string_view algorithm, const rapidjson::Value& claims) const;
  std::string ProblemOf(const rapidjson::Value& claims) const;
  bool HasAudience(const rapidjson::Value& claims) const;
  std::string RoleOfScopes(const rapidjson::Value& claims, std::string_view wanted) const;

  const TokenRules rules_;
  const WallClock clock_;
  IdentityCache cache_{10'000};
};

// A provider of JSON Web Tokens in Authorization: Bearer or in a cookie. Reads its keys; fails with kBadInput when they
// are no keys.
struct JwtParts {
  WallClock clock;  // Empty = the system's.
  std::function<void(const std::string& problem)> on_problem;
  std::shared_ptr<fetch::HttpClient> client;  // For keys and answers of other servers.
};
Result<std::unique_ptr<Provider>> MakeJwt(const std::string& name, const JwtSettings& settings, const JwtParts& parts);

}  // namespace eider::auth
