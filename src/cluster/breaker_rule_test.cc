#include "cluster/breaker_rule.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace eider::cluster {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Reports = std::vector<BreakerReport>;
using Step = SharedBreaker::Step;

CircuitBreaker::Failures Failed(int count, milliseconds age = milliseconds(0)) { return {count, age}; }

TEST(OpensForAll, AddsUpTheFailuresOfNodes) {
  EXPECT_FALSE(OpensForAll({}, 5, 3));
  EXPECT_FALSE(OpensForAll(Reports{{"a", 3}, {"b", 1}}, 5, 3));
  EXPECT_TRUE(OpensForAll(Reports{{"a", 3}, {"b", 2}}, 5, 3));
  EXPECT_TRUE(OpensForAll(Reports{{"a", 1}, {"b", 1}, {"c", 3}}, 5, 9));
}

TEST(OpensForAll, ANodeAloneDoesNotOpenItForMany) {
  EXPECT_FALSE(OpensForAll(Reports{{"a", 50}}, 5, 3));
  EXPECT_FALSE(OpensForAll(Reports{{"a", 50}, {"b", 0}}, 5, 3));
  EXPECT_TRUE(OpensForAll(Reports{{"a", 50}, {"b", 1}}, 5, 3));
}

TEST(OpensForAll, OfTwoNodesOneIsEnough) {
  EXPECT_TRUE(OpensForAll(Reports{{"a", 5}}, 5, 2));
  EXPECT_TRUE(OpensForAll(Reports{{"a", 5}}, 5, 1));
  EXPECT_FALSE(OpensForAll(Reports{{"a", 4}}, 5, 1));
}

TEST(WhoCannotReach, NamesThem) {
  EXPECT_EQ(WhoCannotReach(Reports{{"a", 5}, {"b", 0}}), "node a cannot reach it");
  EXPECT_EQ(WhoCannotReach(Reports{{"a", 3}, {"b", 0}, {"c", 2}}), "nodes a, c cannot reach it");
}

TEST(SharedBreaker, TellsWhatHasChanged) {
  SharedBreaker breaker;
  EXPECT_FALSE(breaker.HasNews(Failed(0)));
  EXPECT_TRUE(breaker.HasNews(Failed(2)));
  EXPECT_TRUE(breaker.HasNews(Failed(2))) << "until the board has it";
  breaker.WasTold();
  EXPECT_FALSE(breaker.HasNews(Failed(2)));
  EXPECT_TRUE(breaker.HasNews(Failed(0)));
  EXPECT_EQ(breaker.news(), 0);
}

TEST(SharedBreaker, TellsAgainWhatTheBoardHasLost) {
  SharedBreaker breaker;
  EXPECT_TRUE(breaker.HasNews(Failed(3)));
  breaker.WasTold();
  breaker.Heard(0);
  EXPECT_TRUE(breaker.HasNews(Failed(3)));
  breaker.Heard(7);
  EXPECT_TRUE(breaker.HasNews(Failed(0))) << "of a process before this one";
}

TEST(SharedBreaker, OldFailuresAreNone) {
  SharedBreaker breaker;
  EXPECT_FALSE(breaker.HasNews(Failed(9, seconds(30))));
  EXPECT_TRUE(breaker.HasNews(Failed(9, milliseconds(29'999))));
}

TEST(SharedBreaker, OpensWithTheOthers) {
  SharedBreaker breaker;
  EXPECT_EQ(breaker.Follow(false, Failed(0)), Step::kNone);
  EXPECT_EQ(breaker.Follow(true, Failed(0)), Step::kOpen);
  EXPECT_EQ(breaker.Follow(true, Failed(0)), Step::kNone) << "it may have found the source since";
  EXPECT_EQ(breaker.Follow(true, Failed(1)), Step::kOpen) << "and then lost it again";
  EXPECT_EQ(breaker.Follow(false, Failed(1)), Step::kNone);
  EXPECT_EQ(breaker.Follow(true, Failed(0)), Step::kOpen);
  EXPECT_EQ(breaker.Follow(false, Failed(0)), Step::kTryNow);
}

}  // namespace
}  // namespace eider::cluster
