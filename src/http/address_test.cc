#include "http/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace eider::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string Plan(const std::string& bind, bool loopback_only = true) {
  const auto plan = PlanListening(bind, loopback_only);
  if (!plan) return plan.error().message;
  std::string text;
  for (const ListenAddress& address : plan->addresses) text += address.ip + " " + std::to_string(address.port) + ";";
  return text + (plan->warning.empty() ? "" : "warning");
}

TEST(PlanListening, StaysOnLoopbackWithoutAuthentication) {
  EXPECT_EQ(Plan(":15000"), "127.0.0.1 15000;::1 15000;warning");
  EXPECT_EQ(Plan("127.0.0.1:15000"), "127.0.0.1 15000;");
  EXPECT_EQ(Plan("127.8.9.1:0"), "127.8.9.1 0;");
  EXPECT_EQ(Plan("[::1]:15000"), "::1 15000;");
  for (const char* bind :
       {"0.0.0.0:15000", "[::]:15000", "192.0.2.1:15000", "[2001:db8::1]:1", "[::ffff:192.0.2.1]:1"}) {
    EXPECT_THAT(Plan(bind), StartsWith("127.0.0.1 ")) << bind;
    EXPECT_THAT(Plan(bind), EndsWith(";warning")) << bind;
    EXPECT_FALSE(IsLoopbackBind(bind)) << bind;
  }
}

TEST(PlanListening, ServesEveryoneWithAuthentication) {
  EXPECT_EQ(Plan(":15000", false), "0.0.0.0 15000;:: 15000;");
  EXPECT_EQ(Plan("192.0.2.1:80", false), "192.0.2.1 80;");
  EXPECT_TRUE(IsLoopbackBind("127.0.0.1:1"));
  EXPECT_FALSE(IsLoopbackBind(":1"));
}

TEST(PlanListening, RefusesWhatIsNoAddress) {
  for (const char* bind : {"", "localhost", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000", "::1:15000"}) {
    EXPECT_THAT(Plan(bind), HasSubstr("BIND must read HOST:PORT")) << bind;
  }
}

}  // namespace
}  // namespace eider::http
