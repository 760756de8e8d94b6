#include "cache/flight.h"

#include <gtest/gtest.h>

#include <thread>

namespace eider::cache {
namespace {

Outcome Answer(std::string text) {
  auto entry = std::make_shared<Entry>();
  entry->result.json = std::move(text);
  return {entry, false, false};
}

Flight::Waiter Waiting(std::vector<std::string>& answers, int* leads = nullptr) {
  Flight::Waiter waiter;
  waiter.done = [&answers](const Result<Outcome>& outcome) {
    answers.push_back(outcome ? outcome->entry->result.json : outcome.error().message);
  };
  waiter.lead = [leads] {
    if (leads != nullptr) ++*leads;
  };
  return waiter;
}

TEST(FlightTest, TheFirstLeadsAndAllGetTheResult) {
  Flight flight{TagStamps()};
  std::vector<std::string> answers;
  Flight::Role role{};
  flight.Join(Waiting(answers), role);
  EXPECT_EQ(role, Flight::Role::kLead);
  for (int i = 0; i < 3; ++i) {
    flight.Join(Waiting(answers), role);
    EXPECT_EQ(role, Flight::Role::kFollow);
  }
  EXPECT_TRUE(flight.Begin());
  EXPECT_FALSE(flight.Begin());
  flight.Finish(Answer("x"));
  EXPECT_EQ(answers, (std::vector<std::string>{"x", "x", "x"}));
  EXPECT_EQ(flight.Wait(Deadline::Never(), StopToken())->entry->result.json, "x") << "the leader waits by itself";
  flight.Join(Waiting(answers), role);
  EXPECT_EQ(answers.size(), 4U) << "who comes after the end is answered at once";
}

TEST(FlightTest, AnotherLeadsWhenTheFirstLeavesBeforeItBegan) {
  Flight flight{TagStamps()};
  std::vector<std::string> answers;
  int leads = 0;
  Flight::Role role{};
  const auto first = flight.Join(Waiting(answers), role);
  flight.Join(Waiting(answers, &leads), role);
  EXPECT_TRUE(flight.Leave(first));
  EXPECT_FALSE(flight.Leave(first));
  EXPECT_EQ(leads, 1);
  EXPECT_FALSE(flight.is_abandoned());
}

TEST(FlightTest, OnlyTheLastOneToLeaveStopsIt) {
  Flight flight{TagStamps()};
  std::vector<std::string> answers;
  Flight::Role role{};
  const auto first = flight.Join({}, role);
  const auto second = flight.Join(Waiting(answers), role);
  EXPECT_TRUE(flight.Begin());
  EXPECT_TRUE(flight.Leave(first));
  EXPECT_FALSE(flight.stop_token().stop_requested());
  EXPECT_TRUE(flight.Leave(second));
  EXPECT_TRUE(flight.stop_token().stop_requested());
  flight.Finish(Error(ErrorCode::kCancelled, "stopped"));
  EXPECT_TRUE(answers.empty());
}

TEST(FlightTest, AFailureGoesToEverybody) {
  Flight flight{TagStamps()};
  std::vector<std::string> answers;
  Flight::Role role{};
  flight.Join({}, role);
  flight.Join(Waiting(answers), role);
  EXPECT_TRUE(flight.Begin());
  flight.Finish(Error(ErrorCode::kConstraint, "broken"));
  EXPECT_EQ(answers, std::vector<std::string>{"broken"});
  EXPECT_EQ(flight.Wait(Deadline::Never(), StopToken()).error().message, "broken");
}

TEST(FlightTest, WaitsEndAtTheirOwnDeadlines) {
  Flight flight{TagStamps()};
  std::vector<std::string> answers;
  Flight::Role role{};
  flight.Join({}, role);
  Flight::Waiter hasty = Waiting(answers);
  hasty.deadline = Deadline::After(std::chrono::milliseconds(1));
  flight.Join(std::move(hasty), role);
  flight.Join(Waiting(answers), role);
  EXPECT_TRUE(flight.Begin());
  flight.Expire(Deadline::Clock::now() + std::chrono::seconds(1));
  EXPECT_EQ(answers, std::vector<std::string>{"query timeout"});
  EXPECT_EQ(flight.Wait(Deadline::After(std::chrono::milliseconds(5)), StopToken()).error().code, ErrorCode::kTimeout);
  StopSource stop;
  std::thread stopper([&stop] { stop.request_stop(); });
  EXPECT_EQ(flight.Wait(Deadline::Never(), stop.get_token()).error().code, ErrorCode::kCancelled);
  stopper.join();
  flight.Finish(Answer("late"));
  EXPECT_EQ(answers.back(), "late");
}

}  // namespace
}  // namespace eider::cache
