#include "auth/key_providers.h"

#include <algorithm>
#include <utility>

#include "base/digest.h"

namespace eider::auth {
namespace {

constexpr const char* kRoleHeader = "x-hugr-role";
constexpr const char* kUserIdHeader = "x-hugr-user-id";
constexpr const char* kUserNameHeader = "x-hugr-user-name";

class SecretKey final : public Provider {
 public:
  explicit SecretKey(std::string_view key)
      : digest_(Sha256(key)),
        plain_(std::make_shared<const Identity>(
            Identity{"api", "api", "admin", "apiKey", "x-hugr-secret", "secret", nullptr, nullptr})) {}

  Verdict Authenticate(const Credentials& credentials, Patience /*patience*/) override {
    const std::string_view given = credentials.Header("x-hugr-secret-key");
    if (given.empty()) return Verdict::Skip();
    if (!EqualDigests(Sha256(given), digest_)) return Verdict::NotMine();
    const std::string_view role = credentials.Header(kRoleHeader);
    const std::string_view user_id = credentials.Header(kUserIdHeader);
    const std::string_view user_name = credentials.Header(kUserNameHeader);
    if (role.empty() && user_id.empty() && user_name.empty()) return Verdict::Accept(plain_);
    Identity identity = *plain_;
    identity.role = OrElse(role, identity.role);
    identity.user_id = OrElse(user_id, identity.user_id);
    identity.user_name = OrElse(user_name, identity.user_name);
    return Verdict::Accept(std::make_shared<const Identity>(std::move(identity)));
  }

  std::vector<std::string> Headers() const override {
    return {"x-hugr-secret-key", kRoleHeader, kUserIdHeader, kUserNameHeader};
  }

 private:
  const Digest digest_;
  const std::shared_ptr<const Identity> plain_;
};

class ClusterSecret final : public Provider {
 public:
  explicit ClusterSecret(std::string_view secret)
      : digest_(Sha256(secret)),
        identity_(std::make_shared<const Identity>(
            Identity{"api", "api", "admin", "cluster", "cluster-internal", "node:", nullptr, nullptr})) {}

  Verdict Authenticate(const Credentials& credentials, Patience /*patience*/) override {
    const std::string_view given = credentials.Header("x-hugr-secret");
    if (given.empty()) return Verdict::Skip();
    if (EqualDigests(Sha256(given), digest_)) return Verdict::Accept(identity_);
    return Verdict::Reject(std::string(kUnauthorized));
  }

  std::vector<std::string> Headers() const override { return {"x-hugr-secret"}; }

 private:
  const Digest digest_;
  const std::shared_ptr<const Identity> identity_;
};

struct StaticKey {
  StaticKeySettings settings;
  std::shared_ptr<const Identity> identity;  // As it is when no header names another role or user.
};

class StaticKeys final : public Provider {
 public:
  explicit StaticKeys(std::vector<StaticKey> keys) : keys_(std::move(keys)) {}

  Verdict Authenticate(const Credentials& credentials, Patience /*patience*/) override {
    bool seen = false;
    const StaticKey* found = nullptr;
    std::string_view header;
    std::string_view given;
    Digest digest{};
    // All keys are compared, so that the time does not tell which one was near.
    for (const StaticKey& key : keys_) {
      if (header.empty() || header != key.settings.header) {
        header = key.settings.header;
        given = credentials.Header(header);
        if (given.empty() && header == "x-hugr-api-key") given = credentials.Authorization("apikey");
        if (!given.empty()) digest = Sha256(given);
      }
      if (given.empty()) continue;
      seen = true;
      if (EqualDigests(digest, key.settings.digest)) found = &key;
    }
    if (found != nullptr) return Accept(*found, credentials);
    return seen ? Verdict::NotMine(std::string(kForbidden)) : Verdict::Skip();
  }

  std::vector<std::string> Headers() const override {
    std::vector<std::string> names;
    for (const StaticKey& key : keys_) {
      for (const std::string* name : {&key.settings.header, &key.settings.headers.role, &key.settings.headers.user_id,
                                      &key.settings.headers.user_name}) {
        if (!name->empty()) names.push_back(*name);
      }
    }
    return names;
  }

 private:
  static Verdict Accept(const StaticKey& key, const Credentials& credentials) {
    const IdentityHeaders& headers = key.settings.headers;
    const std::string_view role = NamedHeader(credentials, headers.role);
    const std::string_view user_id = NamedHeader(credentials, headers.user_id);
    const std::string_view user_name = NamedHeader(credentials, headers.user_name);
    if (role.empty() && user_id.empty() && user_name.empty()) return Verdict::Accept(key.identity);
    const auto& allowed = key.settings.allowed_roles;
    if (!role.empty() && role != key.settings.default_role &&
        std::find(allowed.begin(), allowed.end(), role) == allowed.end()) {
      return Verdict::Reject(std::string(kForbidden));
    }
    Identity identity = *key.identity;
    identity.role = OrElse(role, identity.role);
    identity.user_id = OrElse(user_id, identity.user_id);
    identity.user_name = OrElse(user_name, identity.user_name);
    return Verdict::Accept(std::make_shared<const Identity>(std::move(identity)));
  }

  const std::vector<StaticKey> keys_;
};

Result<StaticKey> MakeKey(const std::string& name, const StaticKeySettings& settings) {
  Identity identity{"api",    "api",  settings.default_role.empty() ? "public" : settings.default_role,
                    "apiKey", name,   "key:" + name,
                    nullptr,  nullptr};
  if (!settings.claims.empty()) {
    auto claims = std::make_shared<rapidjson::Document>();
    claims->Parse(settings.claims.data(), settings.claims.size());
    if (claims->HasParseError() || !claims->IsObject()) {
      return Error(ErrorCode::kBadInput, "the claims of the key \"" + name + "\" are no JSON object");
    }
    identity.claims = std::move(claims);
  }
  return StaticKey{settings, std::make_shared<const Identity>(std::move(identity))};
}

}  // namespace

std::string OrElse(std::string_view given, std::string_view otherwise) {
  return std::string(given.empty() ? otherwise : given);
}

std::string_view NamedHeader(const Credentials& credentials, const std::string& name) {
  return name.empty() ? std::string_view() : credentials.Header(name);
}

std::unique_ptr<Provider> MakeSecretKey(const std::string& key) { return std::make_unique<SecretKey>(key); }

std::unique_ptr<Provider> MakeClusterSecret(const std::string& secret) {
  return std::make_unique<ClusterSecret>(secret);
}

Result<std::unique_ptr<Provider>> MakeStaticKeys(const std::map<std::string, StaticKeySettings>& keys) {
  std::vector<StaticKey> made;
  for (const auto& [name, settings] : keys) {
    EIDER_ASSIGN_OR_RETURN(StaticKey key, MakeKey(name, settings));
    made.push_back(std::move(key));
  }
  return std::unique_ptr<Provider>(std::make_unique<StaticKeys>(std::move(made)));
}

}  // namespace eider::auth
