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

}  // namespace

// Finds out on a pool's thread. The connection keeps its request until then.
class Connection::Identification final : public async::Task {
 public:
  explicit Identification(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

  void Run() override {
    Connection& connection = *connection_;
    Caller caller = connection.endpoints_.Identify(connection.parser_.request(), connection.request_id_,
                                                   connection.peer_, auth::Patience::kMayWait);
    const Executor executor = connection.socket_.get_executor();
    // The event loop takes this thread's hold of the connection, which must not end here.
    asio::post(executor, [self = std::move(connection_), caller = std::move(caller)]() mutable {
      self->caller_ = std::move(caller);
      self->woken_ = true;
      self->wakeup_.cancel();
    });
  }

 private:
  std::shared_ptr<Connection> connection_;
};

boost::asio::awaitable<Caller, Executor> Connection::IdentifyElsewhere() {
  caller_.reset();
  async::BlockingPool* pool = endpoints_.identification_pool();
  auto task = std::make_shared<Identification>(shared_from_this());
  if (pool == nullptr || !pool->Submit(std::move(task), kMostWaiting)) {
    Caller caller;
    caller.answer = ErrorResponse(ErrorCode::kOverloaded, "too many requests; try again later", true);
    co_return caller;
  }
  while (!caller_) co_await AwaitWake();
  Caller caller = std::move(*caller_);
  caller_.reset();
  co_return caller;
}

boost::asio::awaitable<void, Executor> Connection::AwaitWake() {
  if (!woken_) {
    boost::system::error_code ignored;
    wakeup_.expires_at(Clock::time_point::max());
    co_await wakeup_.async_wait(asio::redirect_error(kAwait, ignored));
  }
  woken_ = false;
}

class Connection::Errand final : public async::Task {
 public:
  Errand(std::shared_ptr<Connection> connection, std::function<Response()> run)
      : connection_(std::move(connection)),
        run_(std::move(run)) {}

  void Run() override {
    Response response = run_();
    const Executor executor = connection_->socket_.get_executor();
    asio::post(executor, [self = std::move(connection_), response = std::move(response)]() mutable {
      self->errand_ = std::move(response);
      self->woken_ = true;
      self->wakeup_.cancel();
    });
  }

 private:
  std::shared_ptr<Connection> connection_;
  const std::function<Response()> run_;
};

boost::asio::awaitable<Response, Executor> Connection::RunErrand(std::function<Response()> errand) {
  errand_.reset();
  async::BlockingPool* pool = endpoints_.identification_pool();
  auto task = std::make_shared<Errand>(shared_from_this(), std::move(errand));
  if (pool == nullptr || !pool->Submit(std::move(task), kMostWaiting)) {
    co_return ErrorResponse(ErrorCode::kOverloaded, "too many requests; try again later", true);
  }
  while (!errand_) co_await AwaitWake();
  Response response = std::move(*errand_);
  errand_.reset();
  co_return response;
}

}  // namespace eider::http
