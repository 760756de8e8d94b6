#pragma once

#include <poll.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

#include "http/connection.h"
#include "observe/log.h"

namespace eider::http {

// The connections of one event loop, and what watches over their time limits and their clients' going. Used by the
// loop's thread only, except where a method says otherwise.
class Worker {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr auto kTick = std::chrono::milliseconds(50);

  // `on_tick` is called by the loop every kTick.
  Worker(boost::asio::io_context& loop, observe::Log& log, std::function<void()> on_tick);

  // Any thread: starts the ticking.
  void Start();
  // Any thread: closes idle connections, and the others after their present answer.
  void FinishSoon();
  // Any thread: whether the loop has turned since; what it let in before is counted among the running by then.
  bool is_finishing() const { return is_finishing_; }
  // Any thread: ends running queries and closes every connection.
  void CancelAll();

  void Add(Connection& connection);
  void Remove(Connection& connection);
  void CountRunning(int change) { running_.fetch_add(change, std::memory_order_relaxed); }

  // Any thread: connections, queries that run, and whether the loop has turned within `limit`.
  std::size_t connections() const { return count_.load(std::memory_order_relaxed); }
  int running() const { return running_.load(std::memory_order_relaxed); }
  bool HasTurned(std::chrono::milliseconds limit) const;

  // The header Date, at most one tick old.
  std::string_view date() const { return date_; }
  boost::asio::io_context& loop() { return loop_; }
  observe::Log& log() { return log_; }

 private:
  using Timer =
      boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, boost::asio::io_context::executor_type>;

  void Schedule();
  void Tick();
  void FindGoneClients();

  boost::asio::io_context& loop_;
  observe::Log& log_;
  const std::function<void()> on_tick_;
  Timer timer_;
  std::string date_;
  std::unordered_set<Connection*> connections_;
  std::vector<pollfd> polled_;
  std::vector<Connection*> polled_connections_;
  std::atomic<std::size_t> count_ = 0;
  std::atomic<int> running_ = 0;
  std::atomic<bool> is_finishing_ = false;
  std::atomic<Clock::rep> last_tick_ = 0;
};

}  // namespace eider::http
