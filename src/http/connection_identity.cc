// How a connection waits for what a thread finds out from other servers; connection.cc has its life.
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "async/run_in_pool.h"
#include "http/connection.h"

namespace eider::http {
namespace {

namespace asio = boost::asio;

constexpr asio::use_awaitable_t<Executor> kAwait;
constexpr std::size_t kMostWaiting = 256;

Response TooMany() { return ErrorResponse(ErrorCode::kOverloaded, "too many requests; try again later", true); }

}  // namespace

boost::asio::awaitable<void, Executor> Connection::AwaitWake(Clock::time_point until) {
  if (!woken_) {
    boost::system::error_code ignored;
    wakeup_.expires_at(until);
    co_await wakeup_.async_wait(asio::redirect_error(kAwait, ignored));
  }
  woken_ = false;
}

boost::asio::awaitable<Caller, Executor> Connection::IdentifyElsewhere(Caller so_far) {
  auto identify = [this, so_far = std::move(so_far)] {
    return endpoints_.IdentifyWaiting(parser_.request(), request_id_, origin(), so_far);
  };
  async::BlockingPool* pool = endpoints_.identification_pool();
  std::optional<Caller> caller;
  if (pool != nullptr) {
    caller = co_await async::RunInPool(socket_.get_executor(), *pool, kMostWaiting, std::move(identify));
  }
  if (!caller) caller.emplace().answer = TooMany();
  co_return std::move(*caller);
}

boost::asio::awaitable<Response, Executor> Connection::RunErrand(std::function<Response()> errand) {
  async::BlockingPool* pool = endpoints_.identification_pool();
  std::optional<Response> response;
  if (pool != nullptr) {
    response = co_await async::RunInPool(socket_.get_executor(), *pool, kMostWaiting, std::move(errand));
  }
  co_return response ? std::move(*response) : TooMany();
}

}  // namespace eider::http
