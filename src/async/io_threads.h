#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace eider::async {

// Event loops, one a thread, so that whatever belongs to one loop needs no lock. Nothing that runs on them may block.
class IoThreads {
 public:
  // `name` is shown by the system for each thread (15 bytes).
  IoThreads(const std::string& name, int threads);
  // Stops as Stop() does; handlers that have not run are destroyed without being called.
  ~IoThreads();
  IoThreads(const IoThreads&) = delete;
  IoThreads& operator=(const IoThreads&) = delete;

  std::size_t size() const { return loops_.size(); }
  boost::asio::io_context& loop(std::size_t index) { return *loops_[index]; }

  // Ends the loops after the handlers that run now, and joins them. Idempotent.
  void Stop();

 private:
  using Guard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;

  std::vector<std::unique_ptr<boost::asio::io_context>> loops_;
  std::vector<Guard> guards_;
  std::vector<std::thread> threads_;
};

}  // namespace eider::async
