#include "auth/auth_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace eider::auth {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ValueSources Sources() {
  return {[](const std::string& name) -> std::optional<std::string> {
            if (name == "ADMIN") return "the-secret";
            return std::nullopt;
          },
          [](const std::string& path) -> Result<std::string> {
            if (path == "/run/key") return std::string("key-of-a-file\n");
            return Error(ErrorCode::kBadInput, "the file cannot be read: " + path);
          }};
}

std::string Problem(std::string_view text) {
  AuthSettings settings;
  const Status done = ReadAuthText(text, "auth.yaml", Sources(), settings);
  return done ? "" : done.error().message;
}

TEST(AuthFile, ReadsYamlWithBothSpellings) {
  AuthSettings settings;
  const Status done = ReadAuthText(R"(
anonymous: { allowed: true, role: public }
secret_key: ${ADMIN}
managed-api-keys: true
api_keys:
  grafana:
    key: file:/run/key
    default-role: dashboards
    allowed_roles: [dashboards, public]
    headers: { role: X-Hugr-Role, user-id: x-hugr-user-id }
    claims: { region: north, level: 3, code: "7" }
jwt:
  portal:
    issuer: https://id.example.net
    audience: [eider]
    jwks-url: https://id.example.net/keys
    algorithms: [RS256, EdDSA]
    required_claims: { tenant: acme }
    claims: { role: realm.role }
    leeway: 1m
oidc: { issuer: https://sso.example.net, client-id: eider, timeout: 250ms }
redirect_login_paths: [/admin]
)",
                                   "auth.yaml", Sources(), settings);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(settings.anonymous_allowed, true);
  EXPECT_EQ(settings.secret_key, "the-secret");
  EXPECT_TRUE(settings.managed_api_keys);
  const StaticKeySettings& key = settings.api_keys.at("grafana");
  EXPECT_TRUE(EqualDigests(key.digest, Sha256("key-of-a-file")));
  EXPECT_THAT(key.allowed_roles, ElementsAre("dashboards", "public"));
  EXPECT_EQ(key.headers.role, "x-hugr-role");
  EXPECT_EQ(key.claims, R"({"region":"north","level":3,"code":"7"})");
  const JwtSettings& jwt = settings.jwt.at("portal");
  EXPECT_EQ(jwt.jwks_url, "https://id.example.net/keys");
  EXPECT_EQ(jwt.claims.role, "realm.role");
  EXPECT_EQ(jwt.claims.user_id, "sub");
  EXPECT_EQ(jwt.leeway, std::chrono::minutes(1));
  EXPECT_EQ(jwt.required_claims.at("tenant"), "acme");
  EXPECT_EQ(settings.oidc.client_id, "eider");
  EXPECT_EQ(settings.oidc.timeout, std::chrono::milliseconds(250));
}

TEST(AuthFile, ReadsJson) {
  AuthSettings settings;
  const std::string digest(64, 'a');
  const Status done =
      ReadAuthText(R"({"api-keys": {"k": {"key_sha256": ")" + digest + R"("}}})", "auth.json", Sources(), settings);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(settings.api_keys.at("k").default_role, "public");
}

TEST(AuthFile, NamesTheLineOfWhatItDoesNotKnow) {
  EXPECT_EQ(Problem("anonymous: {allowed: true}\nsecret: x\n"), "auth.yaml:2: unknown key \"secret\"");
  EXPECT_EQ(Problem("api_keys:\n  a:\n    kee: x\n    key: y\n"), "auth.yaml:3: api_keys.a: unknown key \"kee\"");
  EXPECT_EQ(Problem("secret_key: a\nsecret-key: b\n"), "auth.yaml:2: \"secret_key\" is given twice");
  EXPECT_THAT(Problem("a: [\n"), HasSubstr("auth.yaml:"));
}

TEST(AuthFile, RefusesWhatWouldBeUnsafe) {
  EXPECT_THAT(Problem("secret_key: ${NOT_SET}"), HasSubstr("refers to NOT_SET, which is not set"));
  EXPECT_THAT(Problem("secret_key: file:/missing"), HasSubstr("cannot be read: /missing"));
  EXPECT_THAT(Problem("api_keys: {a: {default_role: x}}"), HasSubstr("needs either key or key_sha256"));
  EXPECT_THAT(Problem("api_keys: {a: {key_sha256: abc}}"), HasSubstr("64 hex digits"));
  EXPECT_THAT(Problem("jwt: {p: {hs_secret: short}}"), HasSubstr("at least 32 bytes"));
  EXPECT_THAT(Problem("jwt: {p: {issuer: x}}"), HasSubstr("exactly one of"));
  EXPECT_THAT(Problem("jwt: {p: {public_key: k, algorithms: [none]}}"), HasSubstr("unknown algorithm \"none\""));
  EXPECT_THAT(Problem("jwt: {p: {public_key: k, algorithms: [HS256]}}"), HasSubstr("does not fit the kind of key"));
  EXPECT_THAT(Problem("jwt: {p: {public_key: k, leeway: 6m}}"), HasSubstr("at most 300s"));
  EXPECT_THAT(Problem("anonymous: yes"), HasSubstr("must have members"));
}

}  // namespace
}  // namespace eider::auth
