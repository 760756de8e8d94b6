#include "engine/session_pool.h"

#include <gtest/gtest.h>

#include <utility>

#include "engine/engine_fixture.h"

namespace eider::engine {
namespace {

using SessionPoolTest = EngineTest;

TEST_F(SessionPoolTest, GivesTheMostRecentSessionAgain) {
  SessionPool pool(EngineSessions(*database_), {});
  Session* first = nullptr;
  {
    auto a = pool.Acquire();
    auto b = pool.Acquire();
    ASSERT_TRUE(a.ok() && b.ok());
    EXPECT_NE(&**a, &**b);
    first = &**a;  // Returned last.
  }
  EXPECT_EQ(&**pool.Acquire(), first);
}

TEST_F(SessionPoolTest, DropsDiscardedAndSurplusSessions) {
  SessionPool::Options options;
  options.max_idle = 1;
  SessionPool pool(EngineSessions(*database_), options);
  auto a = pool.Acquire();
  auto b = pool.Acquire();
  ASSERT_TRUE(a.ok() && b.ok());
  a->Discard();
  {
    auto moved = std::move(*b);
    EXPECT_TRUE(moved->Run("SELECT 1").ok());
  }
  pool.Clear();
  EXPECT_TRUE(pool.Acquire().ok());
}

TEST_F(SessionPoolTest, WhatWasOnLoanWhenAllWereClosedIsClosed) {
  SessionPool pool(EngineSessions(*database_), {});
  {
    const auto before = pool.Acquire();
    ASSERT_TRUE(before.ok());
    pool.Clear();
    EXPECT_TRUE((*before)->Run("SELECT 1").ok()) << "it is not taken away from who has it";
  }
  EXPECT_EQ(pool.open_sessions(), 0U);
  EXPECT_TRUE(pool.Acquire().ok());
  EXPECT_EQ(pool.open_sessions(), 1U);
}

TEST_F(SessionPoolTest, WaitsForASessionWhenAllAreOnLoan) {
  SessionPool::Options options;
  options.max_open = 1;
  options.wait = std::chrono::milliseconds(10);
  SessionPool pool(EngineSessions(*database_), options);
  {
    const auto only = pool.Acquire();
    ASSERT_TRUE(only.ok());
    EXPECT_EQ(pool.Acquire().error().code, ErrorCode::kOverloaded);
    Limits expired;
    expired.deadline = Deadline::After(std::chrono::milliseconds(0));
    EXPECT_EQ(pool.Acquire(expired).error().code, ErrorCode::kTimeout);
    StopSource stop;
    stop.request_stop();
    EXPECT_EQ(pool.Acquire({.deadline = Deadline::Never(), .stop = stop.get_token()}).error().code,
              ErrorCode::kCancelled);
  }
  EXPECT_TRUE(pool.Acquire().ok());
  EXPECT_EQ(pool.open_sessions(), 1U);
}

TEST_F(SessionPoolTest, GivesAPlaceBackWhenOpeningFails) {
  bool fails = true;
  const auto open = [&](const Limits&) -> Result<std::unique_ptr<Session>> {
    if (fails) return Error(ErrorCode::kSourceUnavailable, "down");
    return Session::Open(*database_, {});
  };
  SessionPool::Options options;
  options.max_open = 1;
  SessionPool pool(open, options);
  EXPECT_EQ(pool.Acquire().error().message, "down");
  fails = false;
  auto lease = pool.Acquire();
  ASSERT_TRUE(lease.ok());
  lease->Discard();
  EXPECT_TRUE(pool.Acquire().ok());
}

TEST_F(SessionPoolTest, ALeaseMayOutliveItsPool) {
  auto pool = std::make_unique<SessionPool>(EngineSessions(*database_), SessionPool::Options{});
  auto lease = pool->Acquire();
  ASSERT_TRUE(lease.ok());
  pool.reset();
  EXPECT_TRUE((*lease)->Run("SELECT 1").ok());
}

}  // namespace
}  // namespace eider::engine
