#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "engine/engine_fixture.h"
#include "engine/memory_account.h"

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

Limits OfMemory(std::int64_t bytes) {
  Limits limits;
  limits.memory = std::make_shared<MemoryAccount>(bytes);
  return limits;
}

constexpr std::int64_t kMegabyte = 1 << 20;

// Sorted runs, hash tables, values of aggregates, joins.
const char* const kLarge[] = {
    "SELECT max(x) FROM (SELECT sum(i) OVER (ORDER BY md5(i::VARCHAR)) AS x FROM range(5000000) t(i))",
    "SELECT count(*) FROM (SELECT md5(i::VARCHAR) AS s, count(*) FROM range(5000000) t(i) GROUP BY s)",
    "SELECT len(list(md5(i::VARCHAR))) FROM range(8000000) t(i)",
    "SELECT max(a.i) FROM range(5000000) a(i) JOIN range(5000000) b(i) ON md5(a.i::VARCHAR) = md5(b.i::VARCHAR)",
};

class LargeTest : public EngineTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(LargeTest, EndsAtItsMemory) {
  const auto start = Clock::now();
  EXPECT_EQ(Ask(GetParam(), {}, OfMemory(40 * kMegabyte)).substr(0, 19), "error MEMORY_LIMIT:");
  EXPECT_LT(Clock::now() - start, seconds(5));
  EXPECT_EQ(Ask("SELECT 1 AS a", {}, OfMemory(kMegabyte)), R"({"a":1})");
}

TEST_P(LargeTest, IsWholeWithinItsMemory) {
  const std::string whole = Ask(GetParam());
  EXPECT_EQ(whole.substr(0, 1), "{");
  EXPECT_EQ(Ask(GetParam(), {}, OfMemory(3000 * kMegabyte)), whole);
}

INSTANTIATE_TEST_SUITE_P(Statements, LargeTest, ::testing::ValuesIn(kLarge));

TEST_F(LimitsTest, OthersMemoryIsNotItsOwn) {
  // Others hold hundreds of megabytes the whole time and would be helped by the crew.
  std::atomic<bool> ended = false;
  std::vector<std::thread> others;
  for (int t = 0; t < 2; ++t) {
    others.emplace_back([&] {
      auto session = OpenSession();
      while (!ended) {
        auto cursor = session->Query(kLarge[0], {}, {});
        ASSERT_TRUE(cursor.ok());
        Rows(**cursor);
      }
    });
  }
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Ask("SELECT count(*) AS n FROM range(30000000) t(i) WHERE i % 7 = 3", {}, OfMemory(8 * kMegabyte)),
              R"({"n":4285714})");
  }
  EXPECT_EQ(Ask(kLarge[2], {}, OfMemory(40 * kMegabyte)).substr(0, 19), "error MEMORY_LIMIT:");
  ended = true;
  for (std::thread& other : others) other.join();
}

TEST_F(LimitsTest, TablesAndStreamsAreNobodysMemory) {
  // Two hundred megabytes of rows that stay, and as much that goes through.
  ASSERT_TRUE(session_->Run("CREATE TABLE kept (s VARCHAR)").ok());
  ASSERT_TRUE(
      session_->Run("INSERT INTO kept SELECT md5(i::VARCHAR) FROM range(5000000) t(i)", OfMemory(64 * kMegabyte)).ok());
  auto limits = OfMemory(16 * kMegabyte);
  auto cursor = session_->Query("SELECT s, i FROM kept, range(2) t(i)", {}, limits);
  ASSERT_TRUE(cursor.ok());
  std::int64_t rows = 0;
  while (true) {
    auto batch = (*cursor)->Next();
    ASSERT_TRUE(batch.ok()) << batch.error().ToString();
    if (!*batch) break;
    rows += (*batch)->rows();
  }
  EXPECT_EQ(rows, 10'000'000);
  cursor->reset();
  // A buffer that another thread gave back stays on the account.
  EXPECT_LT(limits.memory->taken(), 8 * kMegabyte);
}

TEST_F(LimitsTest, StatementsOfOneAccountCountTogether) {
  const char* const sorted = "SELECT i FROM range(3000000) t(i) ORDER BY md5(i::VARCHAR)";
  std::int64_t needed = 0;
  {
    const auto limits = OfMemory(3000 * kMegabyte);
    const auto cursor = session_->Query(sorted, {}, limits);
    ASSERT_TRUE(cursor.ok());
    needed = limits.memory->taken();
  }
  ASSERT_GT(needed, 20 * kMegabyte);
  const auto limits = OfMemory(needed / 4 * 7);
  const auto first = session_->Query(sorted, {}, limits);
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  auto other = OpenSession();
  const auto second = other->Query(sorted, {}, limits);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kMemoryLimit);
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
