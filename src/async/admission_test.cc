#include "async/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace eider::async {
namespace {

using ::testing::ElementsAre;
using Clock = Admission::Clock;

constexpr auto kNever = Clock::time_point::max();
const Clock::time_point kStart = Clock::time_point() + std::chrono::hours(1);

// Enters requests by name and notes what becomes of them.
class AdmissionTest : public ::testing::Test {
 protected:
  static AdmissionOptions Options() {
    AdmissionOptions options;
    options.slots = 3;
    options.interactive_slots = 1;
    options.max_queued = 3;
    options.queue_timeout = std::chrono::seconds(10);
    return options;
  }

  ~AdmissionTest() override {
    while (!slots_.empty()) Leave();
  }

  Admission::Ticket Enter(WorkClass work_class, std::string name, Clock::time_point deadline = kNever) {
    return admission_.Enter(
        work_class, deadline,
        [this, name](Result<Admission::Slot> slot) {
          if (!slot) {
            events_.push_back(name + " " + std::string(ErrorCodeName(slot.error().code)));
            return;
          }
          events_.push_back(name);
          slots_.push_back(std::move(*slot));
        },
        kStart);
  }
  Admission::Ticket Scan(std::string name) { return Enter(WorkClass::kScan, std::move(name)); }
  Admission::Ticket LookUp(std::string name) { return Enter(WorkClass::kInteractive, std::move(name)); }

  // Ends the running request that was admitted first.
  void Leave() {
    Admission::Slot slot = std::move(slots_.front());
    slots_.erase(slots_.begin());
  }

  Admission admission_{Options()};
  std::vector<std::string> events_;
  std::vector<Admission::Slot> slots_;
};

TEST_F(AdmissionTest, ScansLeaveRoomForLookUps) {
  Scan("s1");
  Scan("s2");
  Scan("s3");
  LookUp("l1");
  EXPECT_THAT(events_, ElementsAre("s1", "s2", "l1"));
  EXPECT_EQ(admission_.counts().running, 3);
  EXPECT_EQ(admission_.counts().queued, 1);
}

TEST_F(AdmissionTest, LookUpsMayTakeEverySlot) {
  for (const char* name : {"l1", "l2", "l3", "l4"}) LookUp(name);
  EXPECT_THAT(events_, ElementsAre("l1", "l2", "l3"));
}

TEST_F(AdmissionTest, IsFirstComeFirstServedWithinAClass) {
  for (const char* name : {"l1", "l2", "l3", "l4", "l5"}) LookUp(name);
  Leave();
  Leave();
  EXPECT_THAT(events_, ElementsAre("l1", "l2", "l3", "l4", "l5"));
}

TEST_F(AdmissionTest, WaitingScanDoesNotHoldBackALookUp) {
  Scan("s1");
  Scan("s2");
  LookUp("l1");
  Scan("s3");
  LookUp("l2");
  slots_.pop_back();  // l1 ends: the scans' share is still taken.
  EXPECT_THAT(events_, ElementsAre("s1", "s2", "l1", "l2"));
  Leave();  // s1 ends: now the scan's turn has come.
  EXPECT_EQ(events_.back(), "s3");
}

TEST_F(AdmissionTest, LookUpsDoNotStarveAScan) {
  for (const char* name : {"l1", "l2", "l3"}) LookUp(name);
  Scan("s1");
  LookUp("l4");
  Leave();
  EXPECT_EQ(events_.back(), "s1");
}

TEST_F(AdmissionTest, RefusesAtOnceWhenTheQueueIsFull) {
  for (int i = 0; i < 6; ++i) LookUp("l");
  EXPECT_EQ(LookUp("late"), 0u);
  EXPECT_EQ(events_.back(), "late OVERLOADED");
  EXPECT_EQ(admission_.counts().refused_full, 1u);
  EXPECT_EQ(admission_.counts(kStart + std::chrono::seconds(11)).full_for, std::chrono::seconds(11));
}

TEST_F(AdmissionTest, RefusesAfterTheQueueTimeout) {
  for (const char* name : {"l1", "l2", "l3", "l4"}) LookUp(name);
  admission_.Expire(kStart + std::chrono::milliseconds(9'999));
  EXPECT_EQ(events_.back(), "l3");
  admission_.Expire(kStart + std::chrono::seconds(10));
  EXPECT_EQ(events_.back(), "l4 OVERLOADED");
  EXPECT_EQ(admission_.counts().refused_timeout, 1u);
  EXPECT_EQ(admission_.counts().queued, 0);
}

TEST_F(AdmissionTest, EndsAWaitAtTheDeadlineOfTheRequest) {
  for (const char* name : {"l1", "l2", "l3"}) LookUp(name);
  Enter(WorkClass::kInteractive, "l4", kStart + std::chrono::seconds(1));
  admission_.Expire(kStart + std::chrono::seconds(1));
  EXPECT_EQ(events_.back(), "l4 TIMEOUT");
}

TEST_F(AdmissionTest, AbortedWaitGivesItsPlaceToTheNext) {
  for (const char* name : {"l1", "l2", "l3"}) LookUp(name);
  const Admission::Ticket ticket = LookUp("l4");
  LookUp("l5");
  admission_.Abort(ticket);
  EXPECT_EQ(events_.back(), "l4 CANCELLED");
  admission_.Abort(ticket);
  Leave();
  EXPECT_EQ(events_.back(), "l5");
}

TEST_F(AdmissionTest, NeverRunsMoreThanItsSlotsUnderLoad) {
  AdmissionOptions options;
  options.slots = 4;
  options.interactive_slots = 1;
  options.max_queued = 100'000;
  Admission admission(options);
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  std::atomic<int> done = 0;
  const auto work = [&](WorkClass work_class) {
    for (int i = 0; i < 5'000; ++i) {
      admission.Enter(work_class, kNever, [&](Result<Admission::Slot> slot) {
        ASSERT_TRUE(slot.ok());
        const int now = ++running;
        int seen = most;
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        --running;
        ++done;
      });
    }
  };
  std::thread scans(work, WorkClass::kScan);
  work(WorkClass::kInteractive);
  scans.join();
  EXPECT_EQ(done, 10'000);
  EXPECT_LE(most, 4);
  EXPECT_EQ(admission.counts().running, 0);
}

}  // namespace
}  // namespace eider::async
