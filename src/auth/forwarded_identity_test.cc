#include "auth/forwarded_identity.h"

#include <gtest/gtest.h>

namespace eider::auth {
namespace {

TEST(ForwardedIdentity, ArrivesAsItWas) {
  auto claims = std::make_shared<rapidjson::Document>();
  claims->Parse(R"({"region":["a","b"],"deep":{"x":1}})");
  const auto actor =
      std::make_shared<const Identity>(Identity{"1", "Root", "admin", "apiKey", "keys", "key:x", {}, {}});
  const Identity sent{"7", "Ann \"A\"", "reader", "jwt", "https://issuer", "sub:7", claims, actor};
  const std::string json = ForwardedIdentityJson(sent, "203.0.113.7");
  EXPECT_EQ(ForwardedClientIp(json), "203.0.113.7");
  EXPECT_EQ(ForwardedClientIp(ForwardedIdentityJson(sent)), "");
  EXPECT_EQ(ForwardedClientIp(R"({"client_ip":1})"), "");
  const auto read = ReadForwardedIdentity(json, "worker-1");
  ASSERT_TRUE(read) << read.error().message;
  const Identity& got = **read;
  EXPECT_EQ(got.user_id, "7");
  EXPECT_EQ(got.user_name, "Ann \"A\"");
  EXPECT_EQ(got.role, "reader");
  EXPECT_EQ(got.auth_type, "jwt");
  EXPECT_EQ(got.auth_provider, "https://issuer");
  EXPECT_EQ(got.principal, "sub:7");
  ASSERT_NE(got.claims, nullptr);
  EXPECT_EQ(*got.claims, *claims);
  ASSERT_NE(got.impersonated_by, nullptr);
  EXPECT_EQ(got.impersonated_by->user_id, "1");
  EXPECT_EQ(got.impersonated_by->role, "admin");
}

TEST(ForwardedIdentity, RefusesOtherText) {
  for (const char* text : {"", "[]", "{", "{}", R"({"role":""})", R"({"role":1})", R"({"role":"a","user_id":null})",
                           R"({"role":"a","claims":[]})", R"({"role":"a","impersonated_by":1})",
                           "{\"role\":\"a\\u0007\"}", R"({"role":"a"} x)"}) {
    EXPECT_FALSE(ReadForwardedIdentity(text, "n")) << text;
  }
  EXPECT_TRUE(ReadForwardedIdentity(R"({"role":"a","new member":[1]})", "n"));
}

}  // namespace
}  // namespace eider::auth
