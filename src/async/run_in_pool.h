#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "async/blocking_pool.h"

namespace eider::async {

// Where a coroutine of an event loop waits for what a pool's thread works out.
template <class T>
struct PoolResult {
  using Clock = std::chrono::steady_clock;
  using Executor = boost::asio::io_context::executor_type;

  explicit PoolResult(Executor executor) : timer(executor, Clock::time_point::max()) {}

  boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor> timer;
  std::optional<T> value;
};

// The work itself, and its way back to the loop.
template <class Work, class T>
class PoolWork final : public Task {
 public:
  PoolWork(Work work, std::shared_ptr<PoolResult<T>> result) : work_(std::move(work)), result_(std::move(result)) {}

  void Run() override {
    auto value = std::make_unique<T>(work_());
    const auto executor = result_->timer.get_executor();
    boost::asio::post(executor, [result = std::move(result_), value = std::move(value)] {
      result->value.emplace(std::move(*value));
      result->timer.cancel();
    });
  }

 private:
  Work work_;
  std::shared_ptr<PoolResult<T>> result_;
};

// Has `work` done by a thread of `pool` and goes on with what it returns, on the coroutine's loop. Nothing when
// `max_queued` tasks wait there already. `work` must not throw, and the loop must turn until it has ended.
template <class Work, class T = std::invoke_result_t<Work>>
boost::asio::awaitable<std::optional<T>, boost::asio::io_context::executor_type> RunInPool(
    boost::asio::io_context::executor_type executor, BlockingPool& pool, std::size_t max_queued, Work work) {
  constexpr boost::asio::use_awaitable_t<boost::asio::io_context::executor_type> kAwait;
  auto result = std::make_shared<PoolResult<T>>(executor);
  auto task = std::make_shared<PoolWork<Work, T>>(std::move(work), result);
  if (!pool.Submit(std::move(task), max_queued)) co_return std::nullopt;
  while (!result->value) {
    boost::system::error_code ignored;
    result->timer.expires_at(std::chrono::steady_clock::time_point::max());
    co_await result->timer.async_wait(boost::asio::redirect_error(kAwait, ignored));
  }
  co_return std::move(result->value);
}

}  // namespace eider::async
