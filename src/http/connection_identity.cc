// How a connection waits for an identity that another server must confirm; connection.cc has its life.
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
  while (!caller_) {
    if (!woken_) {
      boost::system::error_code ignored;
      wakeup_.expires_at(Clock::time_point::max());
      co_await wakeup_.async_wait(asio::redirect_error(kAwait, ignored));
    }
    woken_ = false;
  }
  Caller caller = std::move(*caller_);
  caller_.reset();
  co_return caller;
}

}  // namespace eider::http
