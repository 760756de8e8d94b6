#include "base/circuit_breaker.h"

#include <gtest/gtest.h>

#include <thread>

namespace eider {
namespace {

const Error kDown(ErrorCode::kSourceUnavailable, "connection refused");

TEST(CircuitBreaker, RefusesAfterSomeFailuresInARow) {
  CircuitBreaker breaker({.failures = 2, .pause = std::chrono::hours(1)});
  breaker.Failed(kDown);
  EXPECT_TRUE(breaker.Admit());
  breaker.Succeeded();
  breaker.Failed(kDown);
  EXPECT_TRUE(breaker.Admit());
  breaker.Failed(kDown);
  const Status refused = breaker.Admit();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kSourceUnavailable);
  EXPECT_NE(refused.error().message.find("connection refused"), std::string::npos);
  EXPECT_FALSE(breaker.is_reachable());
  breaker.Succeeded();
  EXPECT_TRUE(breaker.Admit());
  EXPECT_TRUE(breaker.is_reachable());
}

TEST(CircuitBreaker, LetsOneTryAfterThePause) {
  CircuitBreaker breaker({.failures = 1, .pause = std::chrono::milliseconds(20)});
  breaker.Failed(kDown);
  EXPECT_FALSE(breaker.Admit());
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_TRUE(breaker.Admit());
  EXPECT_FALSE(breaker.Admit());
}

}  // namespace
}  // namespace eider
