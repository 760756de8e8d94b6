#include "async/blocking_pool.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <latch>
#include <semaphore>
#include <set>
#include <thread>
#include <utility>

namespace eider::async {
namespace {

class FunctionTask final : public Task {
 public:
  explicit FunctionTask(std::function<void()> run) : run_(std::move(run)) {}
  void Run() override { run_(); }

 private:
  const std::function<void()> run_;
};

std::shared_ptr<Task> Make(std::function<void()> run) { return std::make_shared<FunctionTask>(std::move(run)); }

TEST(BlockingPool, RunsTasksInOrder) {
  std::vector<int> order;
  {
    BlockingPool pool("test", 1);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(pool.Submit(Make([&order, i] { order.push_back(i); })));
  }
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
}

TEST(BlockingPool, RunsAsManyAtOnceAsItHasThreads) {
  std::latch both(2);
  BlockingPool pool("test", 2);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(pool.Submit(Make([&both] { both.arrive_and_wait(); })));
  both.wait();
}

// The one that lingers takes one task; for the other somebody is called.
TEST(BlockingPool, RunsTwoAtOnceRightAfterATask) {
  BlockingPool pool("test", 2);
  for (int i = 0; i < 50; ++i) {
    std::binary_semaphore before(0);
    ASSERT_TRUE(pool.Submit(Make([&before] { before.release(); })));
    before.acquire();
    std::latch both(2);
    std::latch ended(2);
    for (int task = 0; task < 2; ++task) {
      ASSERT_TRUE(pool.Submit(Make([&] {
        both.arrive_and_wait();
        ended.count_down();
      })));
    }
    ended.wait();
  }
}

TEST(BlockingPool, RefusesBeyondTheBound) {
  std::latch started(1);
  std::latch release(1);
  BlockingPool pool("test", 1);
  ASSERT_TRUE(pool.Submit(Make([&] {
    started.count_down();
    release.wait();
  })));
  started.wait();
  EXPECT_TRUE(pool.Submit(Make([] {}), 1));
  EXPECT_EQ(pool.queued(), 1u);
  EXPECT_FALSE(pool.Submit(Make([] {}), 1));
  release.count_down();
}

// Whoever rests for the shortest time is called: one task after the other stays on one thread.
TEST(BlockingPool, KeepsOneThreadWarm) {
  BlockingPool pool("test", 4);
  std::set<std::thread::id> threads;
  for (int i = 0; i < 200; ++i) {
    std::binary_semaphore done(0);
    ASSERT_TRUE(pool.Submit(Make([&] {
      threads.insert(std::this_thread::get_id());
      done.release();
    })));
    done.acquire();
    // Its thread comes to rest.
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  EXPECT_LT(threads.size(), 4u);
}

TEST(BlockingPool, DestructorWaitsForSubmittedTasks) {
  int done = 0;
  {
    BlockingPool pool("test", 1);
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(pool.Submit(Make([&done] { ++done; })));
  }
  EXPECT_EQ(done, 100);
}

}  // namespace
}  // namespace eider::async
