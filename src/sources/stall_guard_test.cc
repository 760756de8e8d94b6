#include "sources/stall_guard.h"

#include <gtest/gtest.h>

#include <thread>

namespace eider::sources {
namespace {

TEST(StallGuardTest, RefusesMoreCallersOfASourceThatStalls) {
  StallGuard guard({.callers = 2, .patience = std::chrono::milliseconds(30)});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(guard.Enter().ok());  // It has only just been asked.
  std::this_thread::sleep_for(std::chrono::milliseconds(40));
  const Status refused = guard.Enter();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kOverloaded);
  guard.Leave();
  EXPECT_TRUE(guard.Enter().ok());  // It moves again.
  for (int i = 0; i < 3; ++i) guard.Leave();
}

TEST(StallGuardTest, LetsFewCallersWait) {
  StallGuard guard({.callers = 2, .patience = std::chrono::milliseconds(0)});
  EXPECT_TRUE(guard.Enter().ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_TRUE(guard.Enter().ok());
}

}  // namespace
}  // namespace eider::sources
