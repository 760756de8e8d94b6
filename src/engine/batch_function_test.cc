#include "engine/batch_function.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <stop_token>
#include <thread>

#include "engine/engine_fixture.h"

namespace eider::engine {
namespace {

using Values = std::vector<std::optional<std::string>>;

// "echo" answers its first argument as JSON text, and counts what it is asked.
class BatchFunctionTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    Add([this](const std::vector<TextRow>& calls, const Limits&) -> Result<Values> {
      ++batches_;
      Values values;
      for (const TextRow& call : calls) {
        ++calls_;
        if (call[0] == "bad") return Error(ErrorCode::kSourceUnavailable, "the service is down");
        if (call[0]) {
          values.emplace_back("\"" + *call[0] + "\"");
        } else {
          values.emplace_back();
        }
      }
      return values;
    });
  }

  void Add(decltype(BatchFunction::answer) answer, const std::string& name = "echo") {
    BatchFunction function;
    function.name = name;
    function.parameters = 2;
    function.answer = std::move(answer);
    const Status added = database_->AddFunction(function);
    ASSERT_TRUE(added.ok()) << added.error().message;
  }

  std::atomic<int> calls_ = 0;
  std::atomic<int> batches_ = 0;
};

TEST_F(BatchFunctionTest, GivesJsonAndNull) {
  EXPECT_EQ(Ask("SELECT echo('a', 'b') ->> '$' AS v, typeof(echo('a', NULL)) AS t, echo(NULL, '') AS n"),
            R"({"v":"a","t":"JSON","n":null})");
}

TEST_F(BatchFunctionTest, AsksOnceForEachSetOfArgumentsInOneStatement) {
  EXPECT_EQ(Ask("SELECT count(DISTINCT echo((i % 50)::VARCHAR, '')) AS n FROM range(100000) t(i)"), R"({"n":50})");
  EXPECT_EQ(calls_, 50);
  Ask("SELECT echo('1', ''), echo('1', ''), echo('1', NULL), echo(NULL, '1')");
  EXPECT_EQ(calls_, 53);
}

TEST_F(BatchFunctionTest, AsksAgainInTheNextStatementAndNeverWhilePlanning) {
  const auto prepared = session_->Prepare("SELECT echo('x', '')");
  ASSERT_TRUE(prepared.ok());
  EXPECT_EQ(calls_, 0);
  for (int run = 1; run <= 2; ++run) {
    auto cursor = session_->Execute(*prepared, {}, {});
    ASSERT_TRUE(cursor.ok());
    EXPECT_EQ(calls_, run);
  }
}

TEST_F(BatchFunctionTest, TellsCodeAndWordsOfAFailure) {
  EXPECT_EQ(Ask("SELECT echo('bad', '')"), "error SOURCE_UNAVAILABLE: the service is down");
  EXPECT_EQ(Ask("SELECT echo('good', '') AS v"), R"({"v":"\"good\""})");
}

TEST_F(BatchFunctionTest, StopsWithItsStatement) {
  const auto wait = [](const std::vector<TextRow>&, const Limits& limits) -> Result<Values> {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::unique_lock lock(mutex);
    changed.wait(lock, limits.stop, [] { return false; });
    return Error(ErrorCode::kCancelled, "stopped");
  };
  Add(wait, "hang");
  Limits limits;
  limits.deadline = Deadline::After(std::chrono::milliseconds(50));
  EXPECT_EQ(Ask("SELECT hang('a', '')", {}, limits), "error TIMEOUT: query timeout");

  StopSource source;
  limits.deadline = Deadline::Never();
  limits.stop = source.get_token();
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    source.request_stop();
  });
  EXPECT_EQ(Ask("SELECT hang('b', '')", {}, limits), "error CANCELLED: query cancelled");
  EXPECT_EQ(Ask("SELECT 1 AS one"), R"({"one":1})");
}

}  // namespace
}  // namespace eider::engine
