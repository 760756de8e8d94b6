#include "async/on_loop.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <latch>
#include <thread>

#include "async/io_threads.h"

namespace eider::async {
namespace {

// Tells on which thread it ends.
class Guest {
 public:
  Guest(std::thread::id& ended_on, std::latch& ended) : ended_on_(ended_on), ended_(ended) {}
  ~Guest() {
    ended_on_ = std::this_thread::get_id();
    ended_.count_down();
  }

 private:
  std::thread::id& ended_on_;
  std::latch& ended_;
};

class OnLoop : public ::testing::Test {
 protected:
  // Runs `work` on the loop and waits for its end.
  template <class Work>
  void Do(Work work) {
    std::latch done(1);
    boost::asio::post(threads_.loop(0), [&] {
      work();
      done.count_down();
    });
    done.wait();
  }

  std::thread::id ended_on_;
  std::latch ended_{1};
  IoThreads threads_{"test-loop", 1};
};

TEST_F(OnLoop, EndsThereWhenAnotherThreadLetsGoLast) {
  auto guest = MakeOnLoop<Guest>(threads_.loop(0), ended_on_, ended_);
  guest.reset();
  ended_.wait();
  std::thread::id loop;
  Do([&] { loop = std::this_thread::get_id(); });
  EXPECT_EQ(ended_on_, loop);
}

TEST_F(OnLoop, EndsAtOnceWhenTheLoopLetsGo) {
  auto guest = MakeOnLoop<Guest>(threads_.loop(0), ended_on_, ended_);
  bool at_once = false;
  Do([&] {
    guest.reset();
    at_once = ended_.try_wait();
  });
  EXPECT_TRUE(at_once);
}

}  // namespace
}  // namespace eider::async
