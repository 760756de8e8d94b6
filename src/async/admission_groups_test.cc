#include <gtest/gtest.h>

#include <map>
#include <string>

#include "async/admission.h"

namespace eider::async {
namespace {

// Requests by name: admitted, waiting or refused.
class Requests {
 public:
  explicit Requests(AdmissionOptions options) : admission_(options) {}
  ~Requests() {
    while (!slots_.empty()) End(slots_.begin()->first);
  }

  void Enter(const std::string& name, Claim claim) {
    claim.principal = name;
    states_[name] = "waits";
    tickets_[name] = admission_.Enter(std::move(claim), Admission::Clock::time_point::max(),
                                      [this, name](Result<Admission::Slot> slot) {
                                        states_[name] = slot ? "runs" : "refused";
                                        if (slot) slots_.emplace(name, std::move(*slot));
                                      });
  }
  void End(const std::string& name) {
    const auto node = slots_.extract(name);
    states_[name] = "ended";
  }
  void Cancel(const std::string& name) { admission_.Abort(tickets_[name]); }
  std::string StateOf(const std::string& name) { return states_[name]; }
  std::int64_t granted() const { return admission_.counts(Admission::Clock::now()).granted; }

 private:
  Admission admission_;
  std::map<std::string, Admission::Slot> slots_;
  std::map<std::string, std::string> states_;
  std::map<std::string, Admission::Ticket> tickets_;
};

Claim OfGroup(std::int64_t slots, std::int64_t queued) {
  return {.group = "g", .group_slots = slots, .group_queued = queued};
}
Claim OfMemory(std::int64_t memory) { return {.memory = memory}; }

TEST(AdmissionGroupsTest, AGroupHasSlotsAndPlacesOfItsOwn) {
  Requests requests({.slots = 10, .interactive_slots = 1});
  requests.Enter("a", OfGroup(1, 1));
  requests.Enter("b", OfGroup(1, 1));
  requests.Enter("c", OfGroup(1, 1));
  EXPECT_EQ(requests.StateOf("a"), "runs");
  EXPECT_EQ(requests.StateOf("b"), "waits");
  EXPECT_EQ(requests.StateOf("c"), "refused");
  requests.Enter("other", {});
  EXPECT_EQ(requests.StateOf("other"), "runs");
  // The end of another request is no reason to go beyond the limit.
  requests.End("other");
  EXPECT_EQ(requests.StateOf("b"), "waits");
  requests.End("a");
  EXPECT_EQ(requests.StateOf("b"), "runs");
  requests.Enter("d", OfGroup(1, 1));
  EXPECT_EQ(requests.StateOf("d"), "waits");
}

TEST(AdmissionGroupsTest, NoPlaceToWaitRefusesAtOnce) {
  Requests requests({.slots = 10, .interactive_slots = 1});
  requests.Enter("a", OfGroup(1, 0));
  requests.Enter("b", OfGroup(1, 0));
  EXPECT_EQ(requests.StateOf("a"), "runs");
  EXPECT_EQ(requests.StateOf("b"), "refused");
}

TEST(AdmissionGroupsTest, MemoryIsGrantedOutOfThePool) {
  Requests requests({.slots = 10, .interactive_slots = 1, .memory_pool = 100, .memory_grant = 40});
  for (const char* name : {"a", "b", "c", "d"}) requests.Enter(name, {});
  EXPECT_EQ(requests.StateOf("b"), "runs");
  EXPECT_EQ(requests.StateOf("c"), "waits");
  EXPECT_EQ(requests.granted(), 80);
  requests.End("a");
  EXPECT_EQ(requests.StateOf("c"), "runs");
  EXPECT_EQ(requests.StateOf("d"), "waits");
}

TEST(AdmissionGroupsTest, OneLargeGrantMakesRoomForSeveral) {
  Requests requests({.slots = 10, .interactive_slots = 1, .memory_pool = 100, .memory_grant = 40});
  requests.Enter("large", OfMemory(90));
  requests.Enter("a", {});
  requests.Enter("b", {});
  EXPECT_EQ(requests.StateOf("a"), "waits");
  requests.End("large");
  EXPECT_EQ(requests.StateOf("a"), "runs");
  EXPECT_EQ(requests.StateOf("b"), "runs");
}

TEST(AdmissionGroupsTest, NobodyIsGrantedMoreThanThereIs) {
  Requests requests({.slots = 10, .interactive_slots = 1, .memory_pool = 100, .memory_grant = 40});
  requests.Enter("huge", OfMemory(1'000'000));
  EXPECT_EQ(requests.StateOf("huge"), "runs");
  EXPECT_EQ(requests.granted(), 100);
  requests.End("huge");
  EXPECT_EQ(requests.granted(), 0);
}

// Small requests of others, numbered from `first`, come and go, two at a time; whether `large` runs before `last` goes.
bool RunsAmongSmallOnes(Requests& requests, const std::string& large, int first, int last) {
  for (int i = first; i < last && requests.StateOf(large) == "waits"; ++i) {
    requests.Enter("small" + std::to_string(i + 2), {});
    const std::string leaving = "small" + std::to_string(i);
    if (requests.StateOf(leaving) == "runs") requests.End(leaving);
  }
  return requests.StateOf(large) == "runs";
}

TEST(AdmissionGroupsTest, ALargeClaimIsNotOvertakenForever) {
  Requests requests({.slots = 10, .interactive_slots = 1, .memory_pool = 100, .memory_grant = 40});
  requests.Enter("small0", {});
  requests.Enter("small1", {});
  requests.Enter("large", OfMemory(90));
  EXPECT_FALSE(RunsAmongSmallOnes(requests, "large", 0, 10));
  EXPECT_TRUE(RunsAmongSmallOnes(requests, "large", 10, 60));
  // Who came behind it waits for it, and then goes on.
  EXPECT_EQ(requests.granted(), 90);
  requests.End("large");
  EXPECT_EQ(requests.granted(), 80);
}

TEST(AdmissionGroupsTest, WhatWasKeptIsFreeWhenTheLargeOneGoesAway) {
  Requests requests({.slots = 10, .interactive_slots = 1, .memory_pool = 100, .memory_grant = 40});
  requests.Enter("stays", {});
  requests.Enter("large", OfMemory(90));
  for (int i = 0; i < 30; ++i) {
    const std::string name = "n" + std::to_string(i);
    requests.Enter(name, {});
    if (requests.StateOf(name) == "runs") requests.End(name);
  }
  EXPECT_EQ(requests.StateOf("large"), "waits");
  requests.Enter("late", {});
  EXPECT_EQ(requests.StateOf("late"), "waits");
  requests.Cancel("large");
  EXPECT_EQ(requests.StateOf("large"), "refused");
  EXPECT_EQ(requests.StateOf("n16"), "runs");
}

TEST(AdmissionGroupsTest, WhatIsReservedNeedsNoMemory) {
  Requests requests({.slots = 10, .interactive_slots = 1, .reserved_slots = 1, .memory_pool = 40, .memory_grant = 40});
  requests.Enter("a", {});
  requests.Enter("b", {});
  requests.Enter("admin", {.privileged = true});
  EXPECT_EQ(requests.StateOf("b"), "waits");
  EXPECT_EQ(requests.StateOf("admin"), "runs");
}

}  // namespace
}  // namespace eider::async
