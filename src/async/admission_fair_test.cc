#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "async/admission.h"

namespace eider::async {
namespace {

// Requests that wait for one slot, and in which order they get it.
class Turns {
 public:
  explicit Turns(AdmissionOptions options) : admission_(options) {}
  // Who waits still gets its turn, and needs the lists for it.
  ~Turns() {
    while (!slots_.empty()) EndOne();
  }

  void Enter(const std::string& principal, int priority = 5, bool privileged = false) {
    Enter(Claim{WorkClass::kInteractive, principal, priority, privileged}, principal);
  }
  // A request that touches `sources`; it is called by the first.
  void Touch(std::vector<std::string> sources, bool privileged = false) {
    Claim claim;
    claim.privileged = privileged;
    claim.sources = std::move(sources);
    Enter(claim, claim.sources.front());
  }
  // Ends the request that was admitted first.
  void EndOne() {
    const Admission::Slot ended = std::move(slots_.front());
    slots_.erase(slots_.begin());
  }
  const std::vector<std::string>& order() const { return order_; }
  std::string admitted() const { return fmt::format("{}", fmt::join(order_, " ")); }
  std::size_t running() const { return slots_.size(); }

 private:
  void Enter(Claim claim, const std::string& name) {
    admission_.Enter(std::move(claim), Admission::Clock::time_point::max(), [this, name](Result<Admission::Slot> slot) {
      order_.push_back(slot ? name : "refused");
      if (slot) slots_.push_back(std::move(*slot));
    });
  }

  Admission admission_;
  std::vector<Admission::Slot> slots_;
  std::vector<std::string> order_;
};

TEST(AdmissionFairnessTest, PrincipalsTakeTurns) {
  Turns turns({.slots = 1, .interactive_slots = 1, .max_queued = 100});
  turns.Enter("first");
  for (int i = 0; i < 20; ++i) turns.Enter("greedy");
  turns.Enter("modest");
  turns.Enter("modest");
  for (int i = 0; i < 4; ++i) turns.EndOne();
  EXPECT_EQ(turns.order(), (std::vector<std::string>{"first", "greedy", "modest", "greedy", "modest"}));
  while (turns.running() > 0) turns.EndOne();
  EXPECT_EQ(turns.order().size(), 23U) << "everybody is served in the end";
}

TEST(AdmissionFairnessTest, PrioritiesAreShares) {
  Turns turns({.slots = 1, .interactive_slots = 1, .max_queued = 1000});
  turns.Enter("first");
  for (int i = 0; i < 200; ++i) {
    turns.Enter("high", 9);
    turns.Enter("low", 3);
  }
  for (int i = 0; i < 120; ++i) turns.EndOne();
  std::map<std::string, int> served;
  for (const std::string& principal : turns.order()) served[principal]++;
  EXPECT_NEAR(served["high"], 90, 2);
  EXPECT_NEAR(served["low"], 30, 2);
}

TEST(AdmissionFairnessTest, ANewcomerDoesNotCatchUpOnWhatItNeverWaitedFor) {
  Turns turns({.slots = 1, .interactive_slots = 1, .max_queued = 100});
  turns.Enter("old");
  for (int i = 0; i < 30; ++i) turns.Enter("old");
  for (int i = 0; i < 20; ++i) turns.EndOne();
  for (int i = 0; i < 10; ++i) turns.Enter("new");
  for (int i = 0; i < 6; ++i) turns.EndOne();
  const std::vector<std::string> last(turns.order().end() - 6, turns.order().end());
  EXPECT_EQ(std::count(last.begin(), last.end(), "new"), 3);
}

TEST(AdmissionFairnessTest, ReservedSlotsAreForThePrivileged) {
  Turns turns({.slots = 4, .interactive_slots = 1, .reserved_slots = 2, .max_queued = 100});
  for (int i = 0; i < 5; ++i) turns.Enter("user");
  EXPECT_EQ(turns.running(), 2U);
  turns.Enter("admin", 5, true);
  turns.Enter("admin", 5, true);
  EXPECT_EQ(turns.running(), 4U);
  turns.Enter("admin", 5, true);
  EXPECT_EQ(turns.running(), 4U);
  turns.EndOne();
  EXPECT_EQ(turns.running(), 4U) << "a user's place goes to the next, whoever has room";
  while (turns.running() > 0) turns.EndOne();
  EXPECT_EQ(turns.order().size(), 8U);
}

TEST(AdmissionFairnessTest, ReservedSlotsTakeScansAndLetThemWait) {
  Admission admission({.slots = 3, .interactive_slots = 1, .reserved_slots = 2, .max_queued = 0});
  std::list<Admission::Slot> slots;  // One that ends lets the next one in, which must not move it.
  int refused = 0;
  const auto enter = [&](bool privileged) {
    const auto done = [&](Result<Admission::Slot> slot) {
      if (slot.ok()) {
        slots.push_back(std::move(*slot));
      } else {
        ++refused;
      }
    };
    admission.Enter(Claim{WorkClass::kScan, privileged ? "admin" : "crowd", 5, privileged},
                    Admission::Clock::time_point::max(), done);
  };
  enter(false);
  enter(false);
  EXPECT_EQ(refused, 1) << "the crowd has one slot and no place to wait in";
  enter(true);
  enter(true);
  EXPECT_EQ(slots.size(), 3U) << "what is reserved is for scans too";
  for (int i = 0; i < 20; ++i) enter(true);
  EXPECT_EQ(refused, 1 + 4) << "sixteen wait while those before are still leaving";
  slots.erase(std::next(slots.begin()));
  EXPECT_EQ(slots.size(), 3U);
}

TEST(AdmissionFairnessTest, ASourceThatHangsLeavesSlotsToOthers) {
  Turns sources({.slots = 4, .interactive_slots = 1, .source_slots = 2});
  sources.Touch({"other"});
  sources.EndOne();
  for (int i = 0; i < 5; ++i) sources.Touch({"hangs"});
  sources.Touch({"joined", "hangs"});
  sources.Touch({"other"});
  sources.Touch({"third"});
  EXPECT_EQ(sources.admitted(), "other hangs hangs other third");
  sources.EndOne();
  EXPECT_EQ(sources.admitted(), "other hangs hangs other third hangs") << "what it gives back is the next one's";
  for (int i = 0; i < 5; ++i) sources.EndOne();
  EXPECT_EQ(sources.admitted(), "other hangs hangs other third hangs hangs hangs joined") << "everybody is served";
}

TEST(AdmissionFairnessTest, TheOnlySourceTakesEverySlot) {
  Turns sources({.slots = 4, .interactive_slots = 1, .source_slots = 2});
  for (int i = 0; i < 5; ++i) sources.Touch({"only"});
  EXPECT_EQ(sources.admitted(), "only only only only");
  sources.Touch({"second"});
  sources.EndOne();
  EXPECT_EQ(sources.admitted(), "only only only only second") << "from now on there are two";
  sources.EndOne();
  EXPECT_EQ(sources.admitted(), "only only only only second");
}

TEST(AdmissionFairnessTest, ReservedSlotsAreBesidesThoseOfASource) {
  Turns sources({.slots = 4, .interactive_slots = 1, .reserved_slots = 1, .source_slots = 1});
  sources.Touch({"other"});
  sources.EndOne();
  sources.Touch({"hangs"});
  sources.Touch({"hangs"}, true);
  sources.Touch({"hangs"}, true);
  sources.Touch({"other"});
  EXPECT_EQ(sources.admitted(), "other hangs hangs other");
}

}  // namespace
}  // namespace eider::async
