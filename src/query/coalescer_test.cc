#include "query/coalescer.h"

#include <gtest/gtest.h>

#include <latch>

#include "query/library_fixture.h"

namespace eider::query::testing {
namespace {

constexpr std::size_t kBatch = 8;

// Every look-up fails in the engine, which is an answer, too.
std::shared_ptr<PreparedPlan> Unusable() {
  planner::Plan plan;
  plan.sql = plan.batch_sql = "SELECT nothing FROM nowhere";
  return std::make_shared<PreparedPlan>(std::make_shared<const planner::Plan>(std::move(plan)));
}

class CoalescerTest : public LibraryTest {
 protected:
  void SetUp() override {
    LibraryTest::SetUp();
    coalescer_ =
        std::make_unique<Coalescer>(*router_, Coalescer::Options{.threads = 1, .reserves = 1, .max_batch = kBatch});
  }

  // Keeps the only thread busy until release_ is counted down.
  void Occupy() {
    PointLookup lookup;
    lookup.done = [this](const Result<std::string>&) {
      taken_.count_down();
      release_.wait();
    };
    coalescer_->Submit(Unusable(), std::move(lookup));
    taken_.wait();
  }

  // Lets the thread go on to the end of all work.
  void Finish() {
    release_.count_down();
    coalescer_.reset();
  }

  void Submit(const std::shared_ptr<PreparedPlan>& plan, std::latch& answered) {
    PointLookup lookup;
    lookup.done = [&answered](const Result<std::string>& row) {
      EXPECT_FALSE(row.ok());
      answered.count_down();
    };
    coalescer_->Submit(plan, std::move(lookup));
  }

  std::latch taken_{1};
  std::latch release_{1};
  std::unique_ptr<Coalescer> coalescer_;
};

TEST_F(CoalescerTest, AReserveTakesWholeStatements) {
  std::latch answered(kBatch);
  Occupy();
  const auto plan = Unusable();
  for (std::size_t i = 0; i < kBatch; ++i) Submit(plan, answered);
  answered.wait();
  Finish();
}

TEST_F(CoalescerTest, AReserveHelpsManyPlans) {
  std::latch answered(1);
  std::latch others(3);
  Occupy();
  Submit(Unusable(), answered);
  for (int i = 0; i < 3; ++i) Submit(Unusable(), others);
  answered.wait();
  Finish();
}

TEST_F(CoalescerTest, FewLookupsWaitForTheThread) {
  std::latch answered(kBatch - 1);
  Occupy();
  const auto plan = Unusable();
  for (std::size_t i = 0; i + 1 < kBatch; ++i) Submit(plan, answered);
  EXPECT_FALSE(answered.try_wait());
  Finish();
  EXPECT_TRUE(answered.try_wait());
}

}  // namespace
}  // namespace eider::query::testing
