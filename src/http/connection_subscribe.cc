// How a connection serves what a request has opened: a WebSocket or an event stream; connection.cc has its life.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "http/connection.h"
#include "http/subscribe/event_stream.h"
#include "http/subscribe/session.h"
#include "http/subscribe/steps.h"
#include "http/worker.h"

// Asio gives the same error code as result and through its argument.
// NOLINTBEGIN(bugprone-unused-return-value)
namespace eider::http {
namespace {

namespace asio = boost::asio;
using Code = boost::system::error_code;

constexpr asio::use_awaitable_t<Executor> kAwait;
constexpr std::size_t kOutput = 256 << 10;
constexpr auto kCommentEvery = std::chrono::seconds(15);
constexpr auto kCloseFor = std::chrono::seconds(2);  // What a client may take to close its side.

}  // namespace

asio::awaitable<bool, Executor> Connection::Serve(Opening opening, std::string headers) {
  if (opening.accept.empty()) co_return co_await ServeEvents(std::move(opening), std::move(headers));
  co_return co_await ServeWebSocket(std::move(opening));
}

// --- WebSocket -----------------------------------------------------------------------------------

asio::awaitable<bool, Executor> Connection::ServeWebSocket(Opening opening) {
  if (endpoints_.metrics().web_sockets() >= static_cast<std::int64_t>(options_.subscribe.max_connections)) {
    co_return co_await SendResponse(
        ErrorResponse(ErrorCode::kOverloaded, "too many WebSockets; try again later", true));
  }
  const std::string headers = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + opening.accept +
                              "\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n";
  HeadOptions head;
  constexpr int kSwitchingProtocols = 101;
  head.status = kSwitchingProtocols;
  head.headers = headers;
  head_.clear();
  AppendHead(head);
  session_ = std::make_shared<SubscribeSession>(
      LiveOperation::Environment{endpoints_, worker_}, socket_.get_executor(),
      SubscribeSession::Opened{std::move(opening.subscriber), opening.is_known, opening.may_introduce},
      options_.subscribe, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->OnOutput();
      });
  if (stopping_) session_->FinishSoon();
  if (co_await Write({head_, "", ""})) {
    is_writing_ = is_reading_ = true;
    asio::co_spawn(socket_.get_executor(), WriteFrames(shared_from_this()), asio::detached);
    co_await ReadFrames();
  }
  session_->End();
  is_reading_ = false;
  WakeHere();
  // What still runs is being cancelled.
  while (is_writing_ || session_->is_busy()) co_await AwaitRoom();
  session_.reset();
  if (!gone_) co_await DiscardInput();
  co_return false;
}

void Connection::AbandonSubscriptions() {
  if (events_ != nullptr) events_->Stop();
  if (session_ != nullptr) session_->End();
  is_reading_ = false;
  WakeHere();
}

void Connection::OnOutput() {
  WakeHere();
  room_.cancel();
}

// Reads until the client or the session ends. A client that takes nothing is not heard for as long.
asio::awaitable<void, Executor> Connection::ReadFrames() {
  bool open = true;
  while (open) {
    if (input_begin_ < input_end_) {
      open = session_->Receive({input_.data() + input_begin_, input_end_ - input_begin_});
      input_begin_ = input_end_;
      continue;
    }
    while (session_->is_clogged() && is_writing_) co_await AwaitRoom();
    // Who has closed waits a while for the client to do so, too.
    open = co_await ReadMore();
  }
}

asio::awaitable<void, Executor> Connection::WriteFrames(std::shared_ptr<Connection> /*self*/) {
  std::string output;
  bool open = true;
  while (open) {
    output.clear();
    session_->TakeOutput(output, kOutput);
    if (!output.empty()) {
      open = co_await Write({output, "", ""});
      room_.cancel();
    } else if (session_->is_closing() || !is_reading_) {
      open = false;
    } else {
      co_await AwaitWake();
    }
  }
  is_writing_ = false;
  Code ignored;
  // The reader ends: at once when nothing more can be sent, else when the client has closed its side.
  if (gone_) socket_.cancel(ignored);
  SetDeadline(kCloseFor);
  room_.cancel();
}

asio::awaitable<void, Executor> Connection::AwaitRoom() {
  Code ignored;
  room_.expires_at(Clock::time_point::max());
  co_await room_.async_wait(asio::redirect_error(kAwait, ignored));
}

// --- event stream --------------------------------------------------------------------------------

asio::awaitable<bool, Executor> Connection::ServeEvents(Opening opening, std::string headers) {
  const Executor executor = socket_.get_executor();
  Caller caller = co_await Recognise(endpoints_, executor, opening.subscriber, false);
  if (caller.answer) co_return co_await SendResponse(std::move(*caller.answer));
  query::Subscribed begun = co_await Subscribe(endpoints_, executor, opening.subscriber, std::move(caller),
                                               std::move(opening.request), opening.delivery);
  if (begun.subscription == nullptr) {
    Response refused;
    refused.status = 400;
    refused.body = "{\"errors\":" + begun.errors + "}";
    refused.headers = std::move(headers);
    co_return co_await SendResponse(std::move(refused));
  }
  events_ = std::make_shared<EventStream>(std::move(opening.subscriber), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->WakeHere();
  });
  events_->Start({endpoints_, worker_}, executor, std::move(begun.subscription));
  if (stopping_) events_->FinishSoon();
  const bool sent = co_await SendEvents(std::move(headers));
  events_->Stop();
  while (!events_->is_gone()) co_await AwaitWake();
  events_.reset();
  co_return sent;
}

asio::awaitable<bool, Executor> Connection::SendEvents(std::string headers) {
  if (parser_.request().http10) finishing_ = true;
  HeadOptions head;
  head.content_type = "text/event-stream; charset=utf-8";
  headers.append("Cache-Control: no-store\r\nX-Accel-Buffering: no\r\n");
  head.headers = headers;
  head_.clear();
  AppendHead(head);
  bool sent = co_await Write({head_, "", ""});
  while (sent && !gone_) {
    const bool last = events_->is_gone();
    std::string output = events_->TakeOutput();
    if (output.empty() && !last) {
      const auto until = Clock::now() + kCommentEvery;
      co_await AwaitWake(until);
      if (Clock::now() < until) continue;
      output = ":\n\n";
    }
    sent = co_await SendChunk(output, last);
    if (last) co_return sent;
  }
  co_return false;
}

asio::awaitable<bool, Executor> Connection::SendChunk(std::string_view bytes, bool last) {
  if (parser_.request().http10) co_return co_await Write({bytes, "", ""});
  head_.clear();
  if (!bytes.empty()) AppendChunkHead(bytes.size());
  const std::string_view tail = last ? (bytes.empty() ? "0\r\n\r\n" : "\r\n0\r\n\r\n") : "\r\n";
  co_return co_await Write({head_, bytes, tail});
}

}  // namespace eider::http
// NOLINTEND(bugprone-unused-return-value)
