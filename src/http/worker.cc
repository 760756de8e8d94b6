#include "http/worker.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace eider::http {
namespace {

namespace asio = boost::asio;

}  // namespace

Worker::Worker(asio::io_context& loop, observe::Log& log, std::function<void()> on_tick)
    : loop_(loop),
      log_(log),
      on_tick_(std::move(on_tick)),
      timer_(loop.get_executor()),
      date_(FormatDate()),
      last_tick_(Clock::now().time_since_epoch().count()) {}

void Worker::Start() {
  asio::post(loop_, [this] { Schedule(); });
}

void Worker::FinishSoon() {
  asio::post(loop_, [this] {
    for (Connection* connection : connections_) connection->FinishSoon();
    is_finishing_ = true;
  });
}

void Worker::CancelAll() {
  asio::post(loop_, [this] {
    for (Connection* connection : connections_) connection->Cancel();
  });
}

void Worker::Add(Connection& connection) {
  connections_.insert(&connection);
  count_.store(connections_.size(), std::memory_order_relaxed);
}

void Worker::Remove(Connection& connection) {
  connections_.erase(&connection);
  count_.store(connections_.size(), std::memory_order_relaxed);
}

bool Worker::HasTurned(std::chrono::milliseconds limit) const {
  const auto last = Clock::time_point(Clock::duration(last_tick_.load(std::memory_order_relaxed)));
  return Clock::now() - last < limit + kTick;
}

void Worker::Schedule() {
  timer_.expires_after(kTick);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    Tick();
    Schedule();
  });
}

void Worker::Tick() {
  const auto now = Clock::now();
  last_tick_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  date_ = FormatDate();
  for (Connection* connection : connections_) connection->CheckTime(now);
  FindGoneClients();
  on_tick_();
}

// One system call asks for all connections that wait for a query. What they may have sent meanwhile stays unread.
void Worker::FindGoneClients() {
  polled_.clear();
  polled_connections_.clear();
  for (Connection* connection : connections_) {
    if (connection->watched_socket() < 0) continue;
    polled_.push_back({connection->watched_socket(), POLLRDHUP, 0});
    polled_connections_.push_back(connection);
  }
  if (polled_.empty() || poll(polled_.data(), polled_.size(), 0) <= 0) return;
  for (std::size_t i = 0; i < polled_.size(); ++i) {
    if ((polled_[i].revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) polled_connections_[i]->ClientGone();
  }
}

}  // namespace eider::http
