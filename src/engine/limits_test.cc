#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "engine/engine_fixture.h"

// Statements that must end before they are done.
namespace eider::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using LimitsTest = EngineTest;
using Clock = std::chrono::steady_clock;

// Each runs for minutes when left alone: many small tasks, one long task (a sort and window), a nested loop.
const char* const kEndless[] = {
    "SELECT count(*) FROM range(10000000000) t(i) WHERE i % 7 = 8",
    "SELECT max(x) FROM (SELECT sum(i) OVER (ORDER BY i % 1000) AS x FROM range(200000000) t(i))",
    "SELECT count(*) FROM range(2000000) a, range(2000000) b WHERE (a.range * b.range) % 7 = 8",
};

class EndlessTest : public EngineTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(EndlessTest, EndsAtTheDeadline) {
  const auto start = Clock::now();
  EXPECT_EQ(Ask(GetParam(), {}, {Deadline::After(milliseconds(100)), {}}), "error TIMEOUT: query timeout");
  EXPECT_LT(Clock::now() - start, milliseconds(1100));
  EXPECT_EQ(Ask("SELECT 1 AS a"), R"({"a":1})");
}

TEST_P(EndlessTest, EndsAtTheStopToken) {
  StopSource source;
  std::thread caller([&] {
    std::this_thread::sleep_for(milliseconds(50));
    source.request_stop();
  });
  const auto start = Clock::now();
  EXPECT_EQ(Ask(GetParam(), {}, {Deadline::After(seconds(60)), source.get_token()}),
            "error CANCELLED: query cancelled");
  EXPECT_LT(Clock::now() - start, milliseconds(1050));
  caller.join();
}

TEST_P(EndlessTest, EndsAtAnInterrupt) {
  std::atomic<bool> ended = false;
  std::thread caller([&] {
    // An interrupt that comes before the statement has no effect, hence repeated.
    while (!ended) {
      std::this_thread::sleep_for(milliseconds(20));
      session_->Interrupt();
    }
  });
  EXPECT_EQ(Ask(GetParam()), "error CANCELLED: query cancelled");
  ended = true;
  caller.join();
}

INSTANTIATE_TEST_SUITE_P(Statements, EndlessTest, ::testing::ValuesIn(kEndless));

TEST_F(LimitsTest, RefusesAStatementThatIsTooLateAlready) {
  EXPECT_EQ(Ask("SELECT 1", {}, {Deadline::After(milliseconds(-1)), {}}), "error TIMEOUT: query timeout");
  StopSource source;
  source.request_stop();
  EXPECT_EQ(Ask("SELECT 1", {}, {Deadline::Never(), source.get_token()}), "error CANCELLED: query cancelled");
  EXPECT_EQ(Ask("SELECT 1 AS a"), R"({"a":1})");
}

TEST_F(LimitsTest, EndsAStreamBetweenBatches) {
  StopSource source;
  auto cursor = session_->Query("SELECT * FROM range(1000000000)", {}, {Deadline::Never(), source.get_token()});
  ASSERT_TRUE(cursor.ok());
  ASSERT_TRUE(*(*cursor)->Next());
  source.request_stop();
  auto next = (*cursor)->Next();
  ASSERT_FALSE(next.ok());
  EXPECT_EQ(next.error().code, ErrorCode::kCancelled);
}

TEST_F(LimitsTest, IgnoresAnInterruptWhenIdle) {
  session_->Interrupt();
  EXPECT_EQ(Ask("SELECT 1 AS a"), R"({"a":1})");
}

TEST_F(LimitsTest, DropsAHeavyStatementQuickly) {
  auto cursor = session_->Query("SELECT i, md5(i::VARCHAR) FROM range(1000000000) t(i)", {}, {});
  ASSERT_TRUE(cursor.ok());
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(*(*cursor)->Next());
  const auto start = Clock::now();
  cursor->reset();
  EXPECT_LT(Clock::now() - start, milliseconds(500));
}

TEST_F(LimitsTest, StopsAtTheMemoryLimit) {
  ASSERT_TRUE(session_->Run("SET temp_directory = ''; SET memory_limit = '32MB'").ok());
  const std::string answer = Ask("SELECT list(md5(i::VARCHAR)) FROM range(10000000) t(i)");
  EXPECT_EQ(answer.substr(0, 19), "error MEMORY_LIMIT:") << answer;
  EXPECT_EQ(Ask("SELECT 1 AS a"), R"({"a":1})");
}

TEST_F(LimitsTest, RunsManySessionsWithDeadlinesAndDrops) {
  std::vector<std::thread> threads;
  std::atomic<int> timeouts = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      auto session = OpenSession();
      for (int i = 0; i < 20; ++i) {
        const bool endless = (i + t) % 4 == 0;
        auto cursor = session->Query(endless ? kEndless[2] : "SELECT * FROM range(100000)", {},
                                     {Deadline::After(milliseconds(endless ? 10 : 20'000)), {}});
        if (!cursor.ok()) timeouts += cursor.error().code == ErrorCode::kTimeout ? 1 : 0;
        if (cursor.ok() && i % 2 == 0) Rows(**cursor);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(timeouts, 20);
}

}  // namespace
}  // namespace eider::engine
