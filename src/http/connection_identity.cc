// How a connection waits for what a thread finds out from other servers; connection.cc has its life.
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "async/blocking_pool.h"
#include "http/connection.h"

namespace eider::http {
namespace {

namespace asio = boost::asio;

constexpr asio::use_awaitable_t<Executor> kAwait;
constexpr std::size_t kMostWaiting = 256;

Response TooMany() { return ErrorResponse(ErrorCode::kOverloaded, "too many requests; try again later", true); }

}  // namespace

// Work for a pool's thread. The connection keeps its request until then.
template <class T>
class Connection::Errand final : public async::Task {
 public:
  Errand(std::shared_ptr<Connection> connection, std::function<T()> work, std::optional<T> Connection::* place)
      : connection_(std::move(connection)),
        work_(std::move(work)),
        place_(place) {}

  void Run() override {
    T result = work_();
    const Executor executor = connection_->socket_.get_executor();
    asio::post(executor, [self = std::move(connection_), place = place_, result = std::move(result)]() mutable {
      (*self).*place = std::move(result);
      self->woken_ = true;
      self->wakeup_.cancel();
    });
  }

 private:
  std::shared_ptr<Connection> connection_;
  const std::function<T()> work_;
  std::optional<T> Connection::* const place_;
};

template <class T>
boost::asio::awaitable<std::optional<T>, Executor> Connection::DoElsewhere(std::function<T()> work,
                                                                           std::optional<T> Connection::* place) {
  (this->*place).reset();
  async::BlockingPool* pool = endpoints_.identification_pool();
  auto task = std::make_shared<Errand<T>>(shared_from_this(), std::move(work), place);
  if (pool == nullptr || !pool->Submit(std::move(task), kMostWaiting)) co_return std::nullopt;
  while (!(this->*place)) co_await AwaitWake();
  co_return std::exchange(this->*place, std::nullopt);
}

boost::asio::awaitable<void, Executor> Connection::AwaitWake() {
  if (!woken_) {
    boost::system::error_code ignored;
    wakeup_.expires_at(Clock::time_point::max());
    co_await wakeup_.async_wait(asio::redirect_error(kAwait, ignored));
  }
  woken_ = false;
}

boost::asio::awaitable<Caller, Executor> Connection::IdentifyElsewhere(Caller so_far) {
  const auto identify = [this, so_far = std::move(so_far)] {
    return endpoints_.IdentifyWaiting(parser_.request(), request_id_, origin(), so_far);
  };
  auto caller = co_await DoElsewhere<Caller>(identify, &Connection::caller_);
  if (!caller) caller.emplace().answer = TooMany();
  co_return std::move(*caller);
}

boost::asio::awaitable<Response, Executor> Connection::RunErrand(std::function<Response()> errand) {
  auto response = co_await DoElsewhere<Response>(std::move(errand), &Connection::errand_);
  co_return response ? std::move(*response) : TooMany();
}

}  // namespace eider::http
