#include "auth/shared_settings.h"

#include <gtest/gtest.h>

namespace eider::auth {
namespace {

constexpr const char* kConfig =
    R"({"api_keys":{"grafana":{"key":"a-long-key-of-tests","default_role":"dashboards"}},)"
    R"("jwt":{"portal":{"hs-secret":"0123456789abcdef0123456789abcdef","audience":["eider"]}},)"
    R"("secret_key":"another-long-secret"})";

TEST(SharedSettingsTest, ReadsWhatAFileHolds) {
  AuthSettings settings;
  const Status read = ReadSharedSettings(kConfig, settings);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(settings.api_keys.at("grafana").default_role, "dashboards");
  EXPECT_EQ(settings.jwt.at("portal").hs_secret.size(), 32U);
  EXPECT_EQ(settings.secret_key, "another-long-secret");
}

TEST(SharedSettingsTest, RefusesWhatNodesWouldReadDifferently) {
  for (const char* config : {R"({"secret_key":"${HOME}"})", R"({"secret_key":"file:/etc/hostname"})", "[]", "\"text\"",
                             "{", R"({"unknown":1})", R"({"jwt":{"p":{}}})"}) {
    AuthSettings settings;
    EXPECT_FALSE(ReadSharedSettings(config, settings).has_value()) << config;
  }
}

TEST(SharedSettingsTest, ShowsNoSecretAndTakesItBack) {
  const auto shown = ShowSharedSettings(kConfig);
  ASSERT_TRUE(shown.has_value());
  EXPECT_EQ(*shown, R"({"api_keys":{"grafana":{"key":"***","default_role":"dashboards"}},)"
                    R"("jwt":{"portal":{"hs-secret":"***","audience":["eider"]}},"secret_key":"***"})");
  const auto back = RestoreSharedSecrets(*shown, kConfig);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(*back, kConfig);
  // The other spelling of a name is the same place.
  EXPECT_EQ(*RestoreSharedSecrets(R"({"jwt":{"portal":{"hs_secret":"***"}}})", kConfig),
            R"({"jwt":{"portal":{"hs_secret":"0123456789abcdef0123456789abcdef"}}})");
  const auto nowhere = RestoreSharedSecrets(R"({"jwt":{"other":{"hs_secret":"***"}}})", kConfig);
  ASSERT_FALSE(nowhere.has_value());
  EXPECT_EQ(nowhere.error().message, "redacted value cannot be stored");
  EXPECT_FALSE(RestoreSharedSecrets(R"({"secret_key":"***"})", "").has_value());
}

TEST(SharedSettingsTest, ProvidersOfOneNameReplaceEachOtherWhole) {
  AuthSettings below;
  below.jwt["portal"] = {.issuer = "below", .hs_secret = "b", .default_role = "below"};
  below.jwt["other"].issuer = "other";
  below.secret_key = "below";
  below.anonymous_role = "public";
  AuthSettings over;
  over.jwt["portal"].issuer = "over";
  Overlay(below, over);
  EXPECT_EQ(below.jwt.at("portal").issuer, "over");
  EXPECT_EQ(below.jwt.at("portal").default_role, "");
  EXPECT_EQ(below.jwt.at("other").issuer, "other");
  EXPECT_EQ(below.secret_key, "below");
  EXPECT_EQ(below.anonymous_role, "public");
}

}  // namespace
}  // namespace eider::auth
