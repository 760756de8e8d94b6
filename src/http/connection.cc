#include "http/connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <utility>

#include "http/subscribe/event_stream.h"
#include "http/subscribe/session.h"
#include "http/worker.h"

// Asio gives the same error code as result and through its argument.
// NOLINTBEGIN(bugprone-unused-return-value)
namespace eider::http {
namespace {

namespace asio = boost::asio;
using Code = boost::system::error_code;

constexpr asio::use_awaitable_t<Executor> kAwait;
constexpr std::size_t kInputBytes = 8 << 10;
constexpr auto kDiscardFor = std::chrono::seconds(2);
constexpr auto kCancelledAnswerFor = std::chrono::seconds(2);

}  // namespace

Connection::Connection(Socket socket, Service service, Worker& worker, Endpoints& endpoints,
                       const ServerOptions& options)
    : socket_(std::move(socket)),
      descriptor_(socket_.native_handle()),
      service_(service),
      worker_(worker),
      endpoints_(endpoints),
      options_(options),
      parser_({options.max_header_bytes, options.max_body_bytes}),
      input_(kInputBytes),
      wakeup_(socket_.get_executor(), Clock::time_point::max()),
      room_(socket_.get_executor(), Clock::time_point::max()) {
  worker_.Add(*this);
}

Connection::~Connection() { worker_.Remove(*this); }

void Connection::Start() {
  Code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  // Else a write that is tried at once would hold up the loop until the client reads.
  socket_.non_blocking(true, ignored);
  const auto peer = socket_.remote_endpoint(ignored).address();
  const bool is_mapped = peer.is_v6() && peer.to_v6().is_v4_mapped();
  peer_ = is_mapped ? asio::ip::make_address_v4(asio::ip::v4_mapped, peer.to_v6()).to_string() : peer.to_string();
  asio::co_spawn(socket_.get_executor(), Serve(shared_from_this()), asio::detached);
}

// --- called by the worker -----------------------------------------------------------------------

void Connection::CheckTime(Clock::time_point now) {
  if (session_ != nullptr) session_->CheckTime(now);
  if (now < deadline_) return;
  deadline_ = Clock::time_point::max();
  Code ignored;
  socket_.cancel(ignored);
}

void Connection::ClientGone() {
  gone_ = true;
  if (run_) run_->Cancel();
  if (events_ != nullptr) events_->Stop();
}

void Connection::FinishSoon() {
  finishing_ = stopping_ = true;
  if (session_ != nullptr) return session_->FinishSoon();
  if (events_ != nullptr) return events_->FinishSoon();
  // A connection that has begun to send a request is let finish it.
  if (run_ || parser_.state() != RequestParser::State::kHead || input_begin_ < input_end_) return;
  Code ignored;
  socket_.cancel(ignored);
}

void Connection::Cancel() {
  finishing_ = stopping_ = true;
  if (session_ != nullptr) session_->Close(WebSocket::kServiceRestart, "the node is stopping");
  if (events_ != nullptr) events_->Stop();
  if (session_ != nullptr || events_ != nullptr) {
    deadline_ = std::min(deadline_, Clock::now() + kCancelledAnswerFor);
    return;
  }
  if (run_) {
    run_->Cancel();
    // The client is told, if it takes the answer soon.
    deadline_ = std::min(deadline_, Clock::now() + kCancelledAnswerFor);
    return;
  }
  gone_ = true;
  Code ignored;
  socket_.cancel(ignored);
}

void Connection::Wake() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->WakeHere(); });
}

void Connection::WakeHere() {
  woken_ = true;
  wakeup_.cancel();
}

// --- the life of a connection -------------------------------------------------------------------

boost::asio::awaitable<void, Executor> Connection::Serve(std::shared_ptr<Connection> /*self*/) {
  try {
    // g++ 12 evaluates a co_await behind && in the condition of a loop, whatever stands before it.
    bool open = co_await BeginTls();
    while (open) {
      open = co_await ReadRequest();
      if (open) open = co_await AnswerRequest();
      if (open) parser_.Reset();
    }
    if (parser_.state() == RequestParser::State::kFailed) co_await DiscardInput();
  } catch (const std::exception& error) {
    // Memory may run out for one connection; the node serves the others.
    worker_.log().Error("connection failed", {{"reason", error.what()}, {"request_id", request_id_}});
    span_.Fail();
    span_.End();
    if (run_) {
      run_->Cancel();
      ReleaseRun();
    }
    gone_ = true;
    AbandonSubscriptions();
  }
  if (tls_ != nullptr && !gone_) tls_->End();
  Code ignored;
  socket_.close(ignored);
}

bool Connection::KeepAlive() const { return parser_.state() == RequestParser::State::kDone && !finishing_ && !gone_; }

void Connection::SetDeadline(std::chrono::milliseconds timeout) {
  deadline_ = timeout.count() == 0 ? Clock::time_point::max() : Clock::now() + timeout;
}

// Resets the connection instead of ending it, so that a part of a body cannot pass for the whole.
void Connection::Reset() {
  gone_ = true;
  Code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
}

// --- reading ------------------------------------------------------------------------------------

boost::asio::awaitable<bool, Executor> Connection::ReadRequest() {
  using State = RequestParser::State;
  bool begun = input_begin_ < input_end_;
  bool in_body = false;
  SetDeadline(begun ? options_.header_timeout : options_.idle_timeout);
  while (true) {
    if (input_begin_ < input_end_) {
      const std::size_t used = parser_.Put({input_.data() + input_begin_, input_end_ - input_begin_});
      input_begin_ += used;
      if (parser_.state() == State::kDone) break;
      if (parser_.state() == State::kFailed) {
        co_await Refuse();
        co_return false;
      }
      if (parser_.state() == State::kBody && !std::exchange(in_body, true)) {
        SetDeadline(options_.body_timeout);
        if (parser_.request().expects_continue && !co_await Write({"HTTP/1.1 100 Continue\r\n\r\n", "", ""})) {
          co_return false;
        }
      }
      if (used > 0 && input_begin_ < input_end_) continue;
    }
    if (finishing_ && !begun) co_return false;
    if (!co_await ReadMore()) co_return false;
    if (!std::exchange(begun, true)) SetDeadline(options_.header_timeout);
  }
  deadline_ = Clock::time_point::max();
  co_return true;
}

// Makes room at the end of the input buffer, which grows to the size of the largest head.
void Connection::MakeRoom() {
  if (input_begin_ == input_end_) {
    input_begin_ = input_end_ = 0;
  } else if (input_end_ == input_.size()) {
    std::memmove(input_.data(), input_.data() + input_begin_, input_end_ - input_begin_);
    input_end_ -= std::exchange(input_begin_, 0);
    if (input_end_ > input_.size() / 2) input_.resize(input_.size() * 2);
  }
}

boost::asio::awaitable<bool, Executor> Connection::ReadMore() {
  MakeRoom();
  Code error;
  if (tls_ != nullptr) {
    input_end_ += co_await ReadTls(error);
  } else {
    input_end_ += co_await socket_.async_read_some(asio::buffer(input_.data() + input_end_, input_.size() - input_end_),
                                                   asio::redirect_error(kAwait, error));
  }
  co_return !error && !gone_;
}

// Answers what is no request, or too large a one.
boost::asio::awaitable<void, Executor> Connection::Refuse() {
  request_id_.clear();
  finishing_ = true;
  const Request& request = parser_.request();
  Response response = ErrorResponse(parser_.status(), ErrorCode::kBadInput, parser_.error(), parser_.status() != 400);
  endpoints_.metrics().CountRequest(request.path(), request.method, parser_.status(), std::chrono::nanoseconds(0));
  co_await SendResponse(std::move(response));
}

// Takes what the client still sends for a while, as closing at once would make it lose the answer.
boost::asio::awaitable<void, Executor> Connection::DiscardInput() {
  Code error;
  if (tls_ != nullptr) tls_->End();
  socket_.shutdown(asio::socket_base::shutdown_send, error);
  SetDeadline(kDiscardFor);
  const auto give_up = deadline_;
  while (!error && Clock::now() < give_up) {
    co_await socket_.async_read_some(asio::buffer(input_.data(), input_.size()), asio::redirect_error(kAwait, error));
  }
}

}  // namespace eider::http
// NOLINTEND(bugprone-unused-return-value)
