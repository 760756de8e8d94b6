#include "auth/forwarded_identity.h"

#include <gtest/gtest.h>

namespace eider::auth {
namespace {

TEST(ForwardedIdentity, ArrivesAsItWas) {
  auto claims = std::make_shared<rapidjson::Document>();
  claims->Parse(R"({"region":["a","b"],"deep":{"x":1}})");
  const Identity sent{"7", "Ann \"A\"", "reader", "jwt", "https://issuer", "sub:7", claims, nullptr};
  const auto read = ReadForwardedIdentity(ForwardedIdentityJson(sent), "worker-1");
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
}

TEST(ForwardedIdentity, RefusesOtherText) {
  for (const char* text : {"", "[]", "{", "{}", R"({"role":""})", R"({"role":1})", R"({"role":"a","user_id":null})",
                           R"({"role":"a","claims":[]})", "{\"role\":\"a\\u0007\"}", R"({"role":"a"} x)"}) {
    EXPECT_FALSE(ReadForwardedIdentity(text, "n")) << text;
  }
  EXPECT_TRUE(ReadForwardedIdentity(R"({"role":"a","new member":[1]})", "n"));
}

}  // namespace
}  // namespace eider::auth
