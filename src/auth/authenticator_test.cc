#include "auth/authenticator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "auth/client_address.h"
#include "auth/secure_start.h"

namespace eider::auth {
namespace {

using ::testing::HasSubstr;
using Clock = std::chrono::system_clock;

class FakeCredentials final : public Credentials {
 public:
  FakeCredentials(std::initializer_list<std::pair<std::string, std::string>> headers) : headers_(headers) {}
  std::string_view Header(std::string_view name) const override {
    for (const auto& [known, value] : headers_) {
      if (known == name) return value;
    }
    return {};
  }
  int Count(std::string_view name) const override {
    int count = 0;
    for (const auto& [known, value] : headers_) count += static_cast<int>(known == name);
    return count;
  }

 private:
  const std::vector<std::pair<std::string, std::string>> headers_;
};

class FakeRoles final : public RoleDirectory {
 public:
  std::shared_ptr<const RoleFacts> Find(std::string_view role) const override {
    const auto found = roles.find(std::string(role));
    return found == roles.end() ? nullptr : std::make_shared<const RoleFacts>(found->second);
  }
  std::map<std::string, RoleFacts> roles = {
      {"admin", {.can_impersonate = true}},
      {"public", {}},
      {"off", {.disabled = true}},
      {"limited", {.endpoints = {{"/query", true}, {"/query/open", false}, {"*", false}}}},
      {"slow", {.limits = {.requests_per_minute = 30}}}};
};

class AuthenticatorTest : public testing::Test {
 protected:
  std::unique_ptr<Authenticator> Make(const AuthSettings& settings, const AnonymousRule& anonymous = {}) {
    auto made = std::make_unique<Authenticator>(
        AuthenticatorParts{&roles_, &keys_, "pepper", [this] { return now_; }, {}}, Authenticator::Limits{});
    const Status done = made->Configure(settings, anonymous);
    EXPECT_TRUE(done) << done.error().message;
    return made;
  }

  static Decision Ask(Authenticator& authenticator, std::initializer_list<std::pair<std::string, std::string>> headers,
                      std::string_view endpoint = "/query") {
    return authenticator.Decide(FakeCredentials(headers), {"192.0.2.1", endpoint}, Patience::kNone);
  }

  void PutKey(const std::string& text, ManagedKey& key, const char* headers, const char* claims,
              std::optional<Clock::time_point> until = std::nullopt) {
    auto index = keys_.Get() ? std::make_shared<KeyIndex>(*keys_.Get()) : std::make_shared<KeyIndex>();
    ASSERT_TRUE(CompleteKey(headers, claims, key));
    index->by_hash[HmacSha256("pepper", text)] = {std::shared_ptr<const ManagedKey>(&key, [](const ManagedKey*) {}),
                                                  until};
    keys_.Set(index);
  }

  FakeRoles roles_;
  SnapshotHolder<KeyIndex> keys_;
  Clock::time_point now_ = Clock::time_point(std::chrono::seconds(1'800'000'000));
};

TEST_F(AuthenticatorTest, UnknownCredentialsAreNeverAnonymous) {
  AuthSettings settings;
  settings.secret_key = "secret";
  const auto made = Make(settings, {true, "public"});
  EXPECT_EQ(Ask(*made, {}).identity->principal, "anon:192.0.2.1");
  EXPECT_EQ(Ask(*made, {{"x-hugr-secret-key", "secret"}}).identity->role, "admin");
  for (const char* header : {"x-hugr-secret-key", "x-hugr-api-key", "x-hugr-secret", "authorization"}) {
    EXPECT_EQ(Ask(*made, {{header, "unknown"}}).status, 401) << header;
    EXPECT_EQ(Ask(*made, {{header, ""}}).status, 200) << header;
  }
}

TEST_F(AuthenticatorTest, RolesMustExistAndBeEnabled) {
  AuthSettings settings;
  settings.secret_key = "secret";
  const auto made = Make(settings);
  EXPECT_EQ(Ask(*made, {{"x-hugr-secret-key", "secret"}, {"x-hugr-role", "off"}}).status, 403);
  EXPECT_EQ(Ask(*made, {{"x-hugr-secret-key", "secret"}, {"x-hugr-role", "nobody"}}).status, 403);
  EXPECT_EQ(Ask(*made, {{"x-hugr-secret-key", "secret"}, {"x-hugr-impersonated-role", "off"}}).status, 403);
  const Decision as = Ask(*made, {{"x-hugr-secret-key", "secret"}, {"x-hugr-impersonated-role", "public"}});
  ASSERT_EQ(as.status, 200);
  EXPECT_EQ(as.identity->auth_type, "impersonation");
  EXPECT_EQ(as.identity->principal, "secret");
  EXPECT_EQ(as.identity->impersonated_by->role, "admin");
}

TEST_F(AuthenticatorTest, EndpointRulesMatchNormalisedPaths) {
  AuthSettings settings;
  settings.secret_key = "secret";
  const auto made = Make(settings);
  const auto status = [&](std::string_view path) {
    return Ask(*made, {{"x-hugr-secret-key", "secret"}, {"x-hugr-role", "limited"}}, path).status;
  };
  for (const char* path : {"/query", "/query/", "//query", "/%71uery", "/x/../query", "/./query/a"}) {
    EXPECT_EQ(status(path), 403) << path;
  }
  for (const char* path : {"/query/open", "/querying", "/metrics"}) EXPECT_EQ(status(path), 200) << path;
}

TEST_F(AuthenticatorTest, RolesHaveRatesOfTheirOwn) {
  AuthSettings settings;
  settings.secret_key = "secret";
  const auto made = Make(settings);
  const auto ask = [&] { return Ask(*made, {{"x-hugr-secret-key", "secret"}, {"x-hugr-role", "slow"}}, "/jq-query"); };
  const Decision first = ask();
  ASSERT_TRUE(first.rate);
  EXPECT_EQ(first.rate->limit, 30);
  EXPECT_EQ(ask().status, 429);
}

TEST_F(AuthenticatorTest, ManagedKeys) {
  AuthSettings settings;
  settings.managed_api_keys = true;
  const auto made = Make(settings, {true, "public"});
  EXPECT_EQ(Ask(*made, {{"x-hugr-api-key", "unknown"}}).message, "forbidden");
  ManagedKey plain;
  plain.name = "plain";
  plain.default_role = "public";
  PutKey("key-1", plain, R"({"role":"x-hugr-role"})", R"({"region":"north","user_id":7})");
  const Decision one = Ask(*made, {{"x-hugr-api-key", "key-1"}, {"x-hugr-user-name", "Ada"}});
  ASSERT_EQ(one.status, 200);
  EXPECT_EQ(one.identity->role, "public");
  EXPECT_EQ(one.identity->user_id, "7");
  EXPECT_EQ(one.identity->user_name, "Ada");
  EXPECT_EQ(one.identity->auth_type, "db-api-key");
  EXPECT_EQ(one.identity->principal, "key:plain");
  EXPECT_TRUE(one.identity->claims->HasMember("region"));
  EXPECT_FALSE(one.identity->claims->HasMember("user_id"));
  EXPECT_EQ(Ask(*made, {{"authorization", "APIKEY key-1"}, {"x-hugr-role", "limited"}}, "/x").identity->role,
            "limited");
  EXPECT_EQ(Ask(*made, {{"x-hugr-api-key", "key-1"}, {"x-hugr-role", "admin"}}).status, 401);
  ManagedKey chooses;
  chooses.default_role = "public";
  PutKey("key-2", chooses, R"({"role":"x-hugr-role"})", R"({"allowed_roles":["admin"]})");
  EXPECT_EQ(Ask(*made, {{"x-hugr-api-key", "key-2"}, {"x-hugr-role", "admin"}}).identity->role, "admin");
  EXPECT_EQ(Ask(*made, {{"x-hugr-api-key", "key-2"}, {"x-hugr-role", "limited"}}).status, 401);
}

TEST_F(AuthenticatorTest, ManagedKeysEnd) {
  AuthSettings settings;
  settings.managed_api_keys = true;
  const auto made = Make(settings, {true, "public"});
  ManagedKey off;
  off.default_role = "public";
  off.disabled = true;
  PutKey("off", off, "", "");
  ManagedKey temporal;
  temporal.default_role = "public";
  temporal.is_temporal = true;
  PutKey("no-end", temporal, "", "");
  ManagedKey ending;
  ending.default_role = "public";
  ending.is_temporal = true;
  ending.expires_at = now_ + std::chrono::minutes(1);
  PutKey("ending", ending, "", "");
  ManagedKey untimed;
  untimed.default_role = "public";
  untimed.expires_at = now_ - std::chrono::minutes(1);
  PutKey("untimed", untimed, "", "");
  PutKey("former", untimed, "", "", now_ + std::chrono::minutes(1));
  EXPECT_EQ(Ask(*made, {{"x-hugr-api-key", "off"}}).status, 401);
  EXPECT_EQ(Ask(*made, {{"x-hugr-api-key", "no-end"}}).message, "token expired");
  EXPECT_EQ(Ask(*made, {{"x-hugr-api-key", "ending"}}).status, 200);
  EXPECT_EQ(Ask(*made, {{"x-hugr-api-key", "untimed"}}).status, 200);
  EXPECT_EQ(Ask(*made, {{"x-hugr-api-key", "former"}}).status, 200);
  now_ += std::chrono::minutes(2);
  EXPECT_EQ(Ask(*made, {{"x-hugr-api-key", "ending"}}).message, "token expired");
  EXPECT_EQ(Ask(*made, {{"x-hugr-api-key", "former"}}).status, 401);
}

TEST_F(AuthenticatorTest, NamesAreCleanText) {
  AuthSettings settings;
  settings.secret_key = "secret";
  const auto made = Make(settings);
  for (const char* name : {"\xff", "a\xc3", "\xc0\xaf", "\xed\xa0\x80", "\x01"}) {
    EXPECT_EQ(Ask(*made, {{"x-hugr-secret-key", "secret"}, {"x-hugr-user-id", name}}).status, 401);
    EXPECT_EQ(Ask(*made, {{"x-hugr-secret-key", "secret"},
                          {"x-hugr-impersonated-role", "public"},
                          {"x-hugr-impersonated-user-id", name}})
                  .status,
              403);
  }
  EXPECT_EQ(Ask(*made, {{"x-hugr-secret-key", "secret"}, {"x-hugr-user-id", "J\u00f8rgen \U0001F600"}}).status, 200);
}

TEST_F(AuthenticatorTest, ClusterSecret) {
  AuthSettings settings;
  settings.cluster_secret = "cluster";
  const auto made = Make(settings, {true, "public"});
  EXPECT_EQ(Ask(*made, {{"x-hugr-secret", "cluster"}}).identity->auth_provider, "cluster-internal");
  EXPECT_EQ(Ask(*made, {{"x-hugr-secret", "other"}}).status, 401);
}

TEST_F(AuthenticatorTest, LoginUrlStaysWithItsOrigin) {
  AuthSettings settings;
  settings.redirect_login_paths = {"/admin"};
  settings.login_url = "https://portal.example/login";
  settings.redirect_url = "https://data.example/start";
  const auto made = Make(settings);
  EXPECT_EQ(made->LoginUrl("/admin"), "https://portal.example/login?redirect_uri=https%3A%2F%2Fdata.example%2Fadmin");
  EXPECT_EQ(made->LoginUrl("/query"), "");
  EXPECT_EQ(made->LoginUrl("http://evil.example/admin"), "https://portal.example/login");
}

TEST(SecureStart, FollowsTheTable) {
  const auto plan = [](std::optional<bool> allowed, std::string role, bool others, bool loopback) {
    AuthSettings settings;
    settings.anonymous_allowed = allowed;
    settings.anonymous_role = std::move(role);
    if (others) settings.secret_key = "0123456789abcdef";
    const auto made = PlanStart(settings, loopback);
    if (!made) return made.error().message;
    return std::string(made->anonymous.allowed ? made->anonymous.role : "off") +
           (made->loopback_only ? " loopback" : "") + (made->warnings.empty() ? "" : " warning");
  };
  EXPECT_EQ(plan({}, "", false, true), "admin loopback warning");
  EXPECT_EQ(plan({}, "", false, false), "admin loopback warning");
  EXPECT_EQ(plan({}, "public", true, false), "off");
  EXPECT_EQ(plan(true, "", true, true), "admin");
  EXPECT_EQ(plan(true, "", false, false), "public");
  EXPECT_EQ(plan(true, "reader", false, false), "reader");
  EXPECT_EQ(plan(true, "admin", true, false), "admin warning");
  EXPECT_THAT(plan(false, "", false, true), HasSubstr("no authentication provider is configured"));
  EXPECT_EQ(plan(false, "", true, false), "off");
}

TEST(TrustedProxies, TakesTheRightMostUntrustedEntry) {
  const auto proxies = TrustedProxies::Parse({"10.0.0.0/8", "::1", "192.0.2.128/25"});
  ASSERT_TRUE(proxies);
  EXPECT_EQ(proxies->ClientOf("203.0.113.9", "1.2.3.4"), "203.0.113.9");
  EXPECT_EQ(proxies->ClientOf("10.1.1.1", "6.6.6.6, 1.2.3.4, 10.2.2.2"), "1.2.3.4");
  EXPECT_EQ(proxies->ClientOf("::1", "192.0.2.127"), "192.0.2.127");
  EXPECT_EQ(proxies->ClientOf("10.1.1.1", "nonsense"), "10.1.1.1");
  EXPECT_EQ(proxies->ClientOf("10.1.1.1", ""), "10.1.1.1");
  for (const char* text : {"10.0.0.0/33", "10.0.0.0/x", "host", "", "1.2.3.4/"}) {
    EXPECT_FALSE(TrustedProxies::Parse({text})) << text;
  }
}

TEST(RateLimiter, RefillsWithTime) {
  RateLimiter limiter(60, 2);
  const auto start = RateLimiter::Clock::now();
  EXPECT_TRUE(limiter.Take("a", {}, start)->allowed);
  EXPECT_TRUE(limiter.Take("a", {}, start)->allowed);
  EXPECT_FALSE(limiter.Take("a", {}, start)->allowed);
  EXPECT_TRUE(limiter.Take("b", {}, start)->allowed);
  EXPECT_TRUE(limiter.Take("a", {}, start + std::chrono::seconds(1))->allowed);
  EXPECT_FALSE(RateLimiter(0, 0).Take("a", {}, start));
}

}  // namespace
}  // namespace eider::auth
