#include "async/io_threads.h"

#include <pthread.h>

namespace eider::async {

IoThreads::IoThreads(const std::string& name, int threads) {
  for (int i = 0; i < threads; ++i) {
    // One thread a loop: Asio may leave out its own wake-ups and locks' contention.
    loops_.push_back(std::make_unique<boost::asio::io_context>(1));
    guards_.emplace_back(loops_.back()->get_executor());
  }
  for (auto& loop : loops_) {
    threads_.emplace_back([&io = *loop] { io.run(); });
    pthread_setname_np(threads_.back().native_handle(), name.substr(0, 15).c_str());
  }
}

IoThreads::~IoThreads() { Stop(); }

void IoThreads::Stop() {
  for (auto& loop : loops_) loop->stop();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace eider::async
