#include "auth/token_rules.h"

#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <fstream>
#include <iterator>

#include "auth/token.h"
#include "auth/verification_key.h"

namespace eider::auth {
namespace {

class NoHeaders final : public Credentials {
 public:
  explicit NoHeaders(std::string token) : bearer_("Bearer " + token) {}
  std::string_view Header(std::string_view name) const override {
    return name == "authorization" ? std::string_view(bearer_) : std::string_view();
  }
  int Count(std::string_view /*name*/) const override { return 1; }

 private:
  const std::string bearer_;
};

// Tokens that PyJWT made; testdata/make_tokens.py tells how.
const rapidjson::Document& Vectors() {
  static const auto* const kDocument = [] {
    std::ifstream in(EIDER_SOURCE_DIR "/src/auth/testdata/tokens.json");
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    auto* document = new rapidjson::Document();
    document->Parse(text.c_str());
    return document;
  }();
  return *kDocument;
}

WallClock At(std::int64_t seconds) {
  return [seconds] { return std::chrono::system_clock::time_point(std::chrono::seconds(seconds)); };
}

JwtSettings SettingsFor(const rapidjson::Value& row) {
  JwtSettings settings;
  settings.issuer = "https://id.example.net";
  settings.audience = {"eider"};
  settings.claims.role = "role";
  settings.public_key = row["public_key"].GetString();
  settings.hs_secret = row["secret"].GetString();
  return settings;
}

Verdict Check(const JwtSettings& settings, const std::string& token, std::int64_t now = 1'900'000'000) {
  auto provider = MakeJwt("p", settings, {At(now), {}});
  EXPECT_TRUE(provider) << provider.error().message;
  return (*provider)->Authenticate(NoHeaders(token), Patience::kNone);
}

TEST(Jwt, AcceptsEveryAlgorithm) {
  for (const auto& row : Vectors()["tokens"].GetArray()) {
    const Verdict verdict = Check(SettingsFor(row), row["token"].GetString());
    ASSERT_EQ(verdict.outcome, Outcome::kAccept) << row["algorithm"].GetString();
    EXPECT_EQ(verdict.identity->user_id, "u17");
    EXPECT_EQ(verdict.identity->user_name, "Ada");
    EXPECT_EQ(verdict.identity->role, "reader");
    EXPECT_EQ(verdict.identity->principal, "jwt:https://id.example.net:u17");
  }
}

TEST(Jwt, AcceptsNoChangedToken) {
  for (const auto& row : Vectors()["tokens"].GetArray()) {
    const std::string token = row["token"].GetString();
    for (std::size_t i = 0; i < token.size(); i += 7) {
      std::string changed = token;
      changed[i] = changed[i] == 'A' ? 'B' : 'A';
      if (changed == token) continue;
      EXPECT_NE(Check(SettingsFor(row), changed).outcome, Outcome::kAccept) << row["algorithm"].GetString() << " " << i;
    }
  }
}

TEST(Jwt, LooksAtTimesWithLeeway) {
  const auto& row = Vectors()["tokens"][0];
  const JwtSettings settings = SettingsFor(row);
  const std::string token = row["token"].GetString();
  EXPECT_EQ(Check(settings, token, 2'000'000'029).outcome, Outcome::kAccept);
  EXPECT_EQ(Check(settings, token, 2'000'000'030).reason, "token expired");
  EXPECT_EQ(Check(settings, token, 1'799'999'970).outcome, Outcome::kAccept);
  EXPECT_EQ(Check(settings, token, 1'799'999'969).outcome, Outcome::kReject);
}

TEST(Jwt, TokensOfOthersAreNotItsOwn) {
  const auto& rows = Vectors()["tokens"];
  JwtSettings settings = SettingsFor(rows[0]);
  const std::string token = rows[0]["token"].GetString();
  settings.issuer = "https://other.example";
  EXPECT_EQ(Check(settings, token).outcome, Outcome::kNotMine);
  settings = SettingsFor(rows[0]);
  settings.algorithms = {"RS512"};
  EXPECT_EQ(Check(settings, token).outcome, Outcome::kNotMine);
  settings = SettingsFor(rows[0]);
  settings.audience = {"nobody"};
  EXPECT_EQ(Check(settings, token).outcome, Outcome::kReject);
  EXPECT_EQ(Check(SettingsFor(rows[6]), token).outcome, Outcome::kNotMine);
  EXPECT_EQ(Check(SettingsFor(rows[0]), "no.token").outcome, Outcome::kNotMine);
  EXPECT_EQ(Check(SettingsFor(rows[0]), std::string(17'000, 'a')).outcome, Outcome::kReject);
}

TEST(KeySet, ReadsWhatPyJwtWrites) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  Vectors()["key_set"].Accept(writer);
  const auto keys = ReadKeySet({buffer.GetString(), buffer.GetSize()});
  ASSERT_TRUE(keys) << keys.error().message;
  EXPECT_EQ(keys->size(), 10U);
  for (const auto& row : Vectors()["tokens"].GetArray()) {
    const auto token = ParseToken(row["token"].GetString());
    ASSERT_TRUE(token);
    int verified = 0;
    for (const VerificationKey& key : *keys) {
      if (!Fits(key, token->algorithm) || key.id != token->key_id) continue;
      verified += static_cast<int>(Verify(key, token->algorithm, token->signed_part, token->signature));
    }
    EXPECT_EQ(verified, token->algorithm.starts_with("HS") ? 0 : 1) << token->algorithm;
  }
}

TEST(KeySet, LeavesOutWhatIsNoUse) {
  EXPECT_FALSE(ReadKeySet("{}"));
  EXPECT_FALSE(ReadKeySet("no json"));
  EXPECT_TRUE(
      ReadKeySet(R"({"keys":[{"kty":"oct","k":"AAAA"},{"kty":"RSA","n":"AQAB","e":"AQAB"},5,{"kty":"EC"}]})")->empty());
}

TEST(PublicKey, RefusesWhatIsNone) {
  for (const char* text : {"", "text", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "ssh-rsa AAAA",
                           "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"}) {
    EXPECT_FALSE(ReadPublicKey(text)) << text;
  }
}

TEST(Claims, LiteralNamesComeBeforePaths) {
  rapidjson::Document claims;
  claims.Parse(R"({"a.b":"literal","a":{"b":"path","c":{"d":7}},"s":"x y","l":["x",1]})");
  EXPECT_STREQ(FindClaim(claims, "a.b")->GetString(), "literal");
  EXPECT_EQ(FindClaim(claims, "a.c.d")->GetInt(), 7);
  EXPECT_EQ(FindClaim(claims, "a.x"), nullptr);
  EXPECT_EQ(FindClaim(claims, "s.x"), nullptr);
  EXPECT_EQ(FindClaim(claims, ""), nullptr);
  EXPECT_EQ(Words(*FindClaim(claims, "s")).size(), 2U);
  EXPECT_EQ(Words(*FindClaim(claims, "l")).size(), 1U);
}

}  // namespace
}  // namespace eider::auth
