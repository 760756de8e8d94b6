#include "engine/session_pool.h"

#include <gtest/gtest.h>

#include <utility>

#include "engine/engine_fixture.h"

namespace eider::engine {
namespace {

using SessionPoolTest = EngineTest;

TEST_F(SessionPoolTest, GivesTheMostRecentSessionAgain) {
  SessionPool pool(*database_, {});
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
  SessionPool pool(*database_, options);
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

}  // namespace
}  // namespace eider::engine
