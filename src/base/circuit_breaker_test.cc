#include "base/circuit_breaker.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace eider {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Error kDown(ErrorCode::kSourceUnavailable, "connection refused");

class CircuitBreakerTest : public testing::Test {
 protected:
  CircuitBreakerTest() { Make({}); }

  void Make(CircuitBreaker::Options options) {
    options.name = "data source \"shop\"";
    options.now = [this] { return now_; };
    options.choose = [](milliseconds /*least*/, milliseconds most) { return most; };
    breaker_ = std::make_unique<CircuitBreaker>(std::move(options));
  }
  bool Fail() {
    auto attempt = breaker_->Admit();
    if (attempt) attempt->Failed(kDown);
    return attempt.has_value();
  }
  bool Succeed() {
    auto attempt = breaker_->Admit();
    if (attempt) attempt->Succeeded();
    return attempt.has_value();
  }
  void Fail(int times) {
    for (int i = 0; i < times; ++i) EXPECT_TRUE(Fail()) << i;
  }
  // Seconds until the next call is let through.
  int Wait() {
    int waited = 0;
    while (!breaker_->Admit() && waited < 1000) {
      now_ += seconds(1);
      ++waited;
    }
    return waited;
  }

  CircuitBreaker::Clock::time_point now_{std::chrono::hours(1)};
  std::unique_ptr<CircuitBreaker> breaker_;
};

TEST_F(CircuitBreakerTest, OpensAfterFailuresInARow) {
  Fail(4);
  EXPECT_EQ(breaker_->failures().count, 4);
  EXPECT_TRUE(Succeed());
  EXPECT_EQ(breaker_->failures().count, 0);
  Fail(4);
  EXPECT_FALSE(breaker_->is_open());
  Fail(1);
  EXPECT_TRUE(breaker_->is_open());
  now_ += milliseconds(2500);
  const auto refused = breaker_->Admit();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kSourceCircuitOpen);
  EXPECT_EQ(refused.error().message,
            "data source \"shop\": the circuit is open, it is tried again in 8 s: connection refused");
  EXPECT_EQ(breaker_->failures().count, 5);
  EXPECT_EQ(breaker_->failures().age, milliseconds(2500));
}

TEST_F(CircuitBreakerTest, OpensWhenMostOfManyCallsFail) {
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(Fail() && Succeed());
  EXPECT_TRUE(Fail());
  EXPECT_FALSE(breaker_->is_open()) << "19 calls are too few";
  EXPECT_TRUE(Succeed() && Fail());
  EXPECT_TRUE(breaker_->is_open()) << "11 of 21";
  EXPECT_EQ(breaker_->failures().count, 5) << "for other nodes as many as it takes";
}

TEST_F(CircuitBreakerTest, HalfOfTheCallsAreNotMost) {
  for (int i = 0; i < 40; ++i) EXPECT_TRUE(Succeed() && Fail());
  EXPECT_FALSE(breaker_->is_open());
}

TEST_F(CircuitBreakerTest, OldCallsDoNotCount) {
  Fail(4);
  EXPECT_TRUE(Succeed());
  Fail(4);
  EXPECT_TRUE(Succeed());
  now_ += seconds(30);
  // 18 calls of this time; with those before, 16 of 28 would have failed.
  for (int i = 0; i < 2; ++i) {
    Fail(3);
    EXPECT_TRUE(Succeed());
  }
  Fail(1);
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(Succeed());
  Fail(1);
  EXPECT_FALSE(breaker_->is_open());
}

TEST_F(CircuitBreakerTest, AClosedCircuitForgetsWhatFailedBefore) {
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(Succeed() && Fail());
  EXPECT_TRUE(Fail());
  EXPECT_TRUE(breaker_->is_open()) << "11 of 21";
  now_ += seconds(10);
  EXPECT_TRUE(Succeed());
  Fail(4);
  EXPECT_FALSE(breaker_->is_open());
}

TEST_F(CircuitBreakerTest, LetsOneThroughAfterThePause) {
  Fail(5);
  now_ += milliseconds(9999);
  EXPECT_FALSE(breaker_->Admit());
  now_ += milliseconds(1);
  std::optional<CircuitBreaker::Attempt> trial(breaker_->Admit().value());
  const auto other = breaker_->Admit();
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("it is being tried right now: connection refused"), std::string::npos);
  // Who gives up says nothing, and another one may try.
  trial.reset();
  EXPECT_TRUE(Succeed());
  EXPECT_FALSE(breaker_->is_open());
}

TEST_F(CircuitBreakerTest, ThePauseDoublesUntilACallSucceeds) {
  Fail(5);
  for (const int pause : {10, 20, 40, 80, 120, 120}) {
    EXPECT_EQ(Wait(), pause);
    EXPECT_TRUE(Fail());
  }
  EXPECT_EQ(Wait(), 120);
  EXPECT_TRUE(Succeed());
  Fail(5);
  EXPECT_EQ(Wait(), 10);
}

TEST_F(CircuitBreakerTest, ThePauseIsShorterByChance) {
  CircuitBreaker::Options options;
  std::vector<std::pair<milliseconds, milliseconds>> asked;
  options.now = [this] { return now_; };
  options.choose = [&](milliseconds least, milliseconds most) {
    asked.emplace_back(least, most);
    return least;
  };
  breaker_ = std::make_unique<CircuitBreaker>(std::move(options));
  Fail(5);
  now_ += milliseconds(7500);
  EXPECT_TRUE(Fail());
  using Range = std::pair<milliseconds, milliseconds>;
  EXPECT_EQ(asked, (std::vector<Range>{{milliseconds(7500), seconds(10)}, {seconds(15), seconds(20)}}));
}

TEST_F(CircuitBreakerTest, AFailureOfBeforeDoesNotLengthenThePause) {
  auto late = breaker_->Admit();
  Fail(5);
  now_ += seconds(9);
  late->Failed(kDown);
  EXPECT_EQ(Wait(), 1);
}

TEST_F(CircuitBreakerTest, ALateSuccessCloses) {
  auto late = breaker_->Admit();
  Fail(5);
  late->Succeeded();
  EXPECT_FALSE(breaker_->is_open());
}

TEST_F(CircuitBreakerTest, ResetForgets) {
  Fail(5);
  now_ += seconds(10);
  auto before = breaker_->Admit();
  breaker_->Reset();
  EXPECT_FALSE(breaker_->is_open());
  EXPECT_EQ(breaker_->failures().count, 0);
  before->Failed(kDown);
  EXPECT_FALSE(breaker_->is_open()) << "one failure of five";
  Fail(4);
  EXPECT_EQ(Wait(), 10);
}

TEST_F(CircuitBreakerTest, OthersOpenItAsLongAsItsOwnFailuresWould) {
  breaker_->OpenByOthers("nodes a, b cannot reach it");
  EXPECT_TRUE(breaker_->is_open_by_others());
  EXPECT_EQ(CircuitBreaker::opened_by_others(), 1);
  const Status refused = breaker_->CheckOthers();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "data source \"shop\": the circuit is open, it is tried again in 10 s: nodes a, b cannot reach it");
  now_ += seconds(5);
  breaker_->OpenByOthers("again");
  now_ += seconds(5);
  EXPECT_TRUE(breaker_->CheckOthers());
  EXPECT_TRUE(Succeed());
  EXPECT_FALSE(breaker_->is_open_by_others());
  EXPECT_EQ(CircuitBreaker::opened_by_others(), 0);
  breaker_->OpenByOthers("x");
  breaker_.reset();
  EXPECT_EQ(CircuitBreaker::opened_by_others(), 0);
}

TEST_F(CircuitBreakerTest, ItsOwnFailuresStopNoConnectionThatWorks) {
  Fail(5);
  EXPECT_FALSE(breaker_->is_open_by_others());
  EXPECT_TRUE(breaker_->CheckOthers());
}

TEST_F(CircuitBreakerTest, ALongPauseIsWorthALook) {
  Fail(5);
  now_ += seconds(9);
  EXPECT_FALSE(breaker_->IsWorthALook()) << "the first pause is as long as it was told";
  now_ += seconds(1);
  EXPECT_TRUE(Fail());
  EXPECT_FALSE(breaker_->IsWorthALook()) << "just tried";
  now_ += seconds(5);
  EXPECT_TRUE(breaker_->IsWorthALook());
  EXPECT_FALSE(breaker_->Admit());
  breaker_->TryNow();
  EXPECT_FALSE(breaker_->IsWorthALook());
  EXPECT_TRUE(Fail());
  EXPECT_EQ(Wait(), 40) << "looking is no success";
}

}  // namespace
}  // namespace eider
