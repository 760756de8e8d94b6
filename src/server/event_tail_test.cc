#include "server/event_tail.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "cluster/memory_core_store.h"

namespace eider::server {
namespace {

using query::StreamMark;
using std::chrono::seconds;

class EventTailTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto store = cluster::MemoryCoreStore::Open();
    ASSERT_TRUE(store.has_value());
    store_ = std::move(*store);
  }

  void AddEvent() {
    const auto added =
        store_->Change("INSERT INTO " + store_->Table("cluster_events") + " (node, kind) VALUES ('a', 'b')");
    ASSERT_TRUE(added.has_value()) << added.error().ToString();
  }

  // The mark once it is `wanted`, or the one after ten seconds.
  static std::optional<StreamMark> Await(EventTail& tail, const std::optional<StreamMark>& wanted) {
    const Deadline patience = Deadline::After(seconds(10));
    auto mark = tail.Newest();
    while (mark != wanted && !patience.Passed()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      mark = tail.Newest();
    }
    return mark;
  }

  std::unique_ptr<cluster::MemoryCoreStore> store_;
};

TEST_F(EventTailTest, TellsHowFarEventsHaveCome) {
  EventTail tail(*store_, {});
  EXPECT_EQ(tail.Newest(), std::nullopt);
  EXPECT_EQ(Await(tail, StreamMark{0, 0, 0}), (StreamMark{0, 0, 0}));
  AddEvent();
  AddEvent();
  EXPECT_EQ(Await(tail, StreamMark{0, 2, 2}), (StreamMark{0, 2, 2}));
}

TEST_F(EventTailTest, KnowsNothingWhileItCannotAsk) {
  EventTail tail(*store_, {});
  EXPECT_EQ(Await(tail, StreamMark{0, 0, 0}), (StreamMark{0, 0, 0}));
  ASSERT_TRUE(store_->Change("ALTER TABLE " + store_->Table("cluster_events") + " RENAME TO gone").has_value());
  EXPECT_EQ(Await(tail, std::nullopt), std::nullopt);
}

TEST_F(EventTailTest, CountsDatabasesThatBeginAnew) {
  std::atomic<int> which = 0;
  EventTail tail(*store_, [&] { return std::string(which == 0 ? "one" : "other"); });
  EXPECT_EQ(Await(tail, StreamMark{1, 0, 0}), (StreamMark{1, 0, 0}));
  which = 1;
  EXPECT_EQ(Await(tail, StreamMark{2, 0, 0}), (StreamMark{2, 0, 0}));
}

}  // namespace
}  // namespace eider::server
