#include "http/connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <utility>

#include "http/error_map.h"
#include "http/worker.h"

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
      wakeup_(socket_.get_executor(), Clock::time_point::max()) {
  worker_.Add(*this);
}

Connection::~Connection() { worker_.Remove(*this); }

void Connection::Start() {
  Code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  asio::co_spawn(socket_.get_executor(), Serve(shared_from_this()), asio::detached);
}

// --- called by the worker -----------------------------------------------------------------------

void Connection::CheckTime(Clock::time_point now) {
  if (now < deadline_) return;
  deadline_ = Clock::time_point::max();
  Code ignored;
  socket_.cancel(ignored);
}

void Connection::ClientGone() {
  gone_ = true;
  if (run_) run_->Cancel();
}

void Connection::FinishSoon() {
  finishing_ = true;
  // A connection that has begun to send a request is let finish it.
  if (run_ || parser_.state() != RequestParser::State::kHead || input_begin_ < input_end_) return;
  Code ignored;
  socket_.cancel(ignored);
}

void Connection::Cancel() {
  finishing_ = true;
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
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->woken_ = true;
    self->wakeup_.cancel();
  });
}

// --- the life of a connection -------------------------------------------------------------------

boost::asio::awaitable<void, Executor> Connection::Serve(std::shared_ptr<Connection> /*self*/) {
  try {
    while (co_await ReadRequest()) {
      if (!co_await AnswerRequest()) break;
      parser_.Reset();
    }
    if (parser_.state() == RequestParser::State::kFailed) co_await DiscardInput();
  } catch (const std::exception& error) {
    // Memory may run out for one connection; the node serves the others.
    worker_.log().Error("connection failed", {{"reason", error.what()}, {"request_id", request_id_}});
    if (run_) {
      run_->Cancel();
      ReleaseRun();
    }
  }
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
  input_end_ += co_await socket_.async_read_some(asio::buffer(input_.data() + input_end_, input_.size() - input_end_),
                                                 asio::redirect_error(kAwait, error));
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
  socket_.shutdown(asio::socket_base::shutdown_send, error);
  SetDeadline(kDiscardFor);
  const auto give_up = deadline_;
  while (!error && Clock::now() < give_up) {
    co_await socket_.async_read_some(asio::buffer(input_.data(), input_.size()), asio::redirect_error(kAwait, error));
  }
}

// --- answering ----------------------------------------------------------------------------------

boost::asio::awaitable<bool, Executor> Connection::AnswerRequest() {
  const auto started = Clock::now();
  Request& request = parser_.request();
  if (!request.keep_alive) finishing_ = true;
  request_id_ = endpoints_.RequestId(request);
  bool sent = false;
  if (service_ == Service::kHealthOnly) {
    sent = co_await SendResponse(endpoints_.AnswerService(request));
  } else {
    Answer answer = endpoints_.Decide(request, request_id_, [self = shared_from_this()] { self->Wake(); });
    if (answer.response) {
      sent = co_await SendResponse(std::move(*answer.response));
    } else {
      sent = co_await SendRun(std::move(answer));
    }
  }
  endpoints_.metrics().CountRequest(request.path(), request.method, status_, Clock::now() - started);
  co_return sent&& KeepAlive();
}

void Connection::AppendHead(HeadOptions options) {
  status_ = options.status;
  options.date = worker_.date();
  options.request_id = request_id_;
  options.close = !KeepAlive();
  options.http10 = parser_.request().http10;
  http::AppendHead(head_, options);
}

boost::asio::awaitable<bool, Executor> Connection::SendResponse(Response response) {
  if (response.close) finishing_ = true;
  HeadOptions head;
  head.status = response.status;
  head.content_type = response.content_type;
  if (response.status != 204) head.content_length = response.bytes().size();
  head.headers = response.headers;
  head_.clear();
  AppendHead(head);
  const bool bodiless = parser_.request().method == "HEAD";
  co_return co_await Write({head_, bodiless ? std::string_view() : response.bytes(), ""});
}

boost::asio::awaitable<BodyStream::Piece, Executor> Connection::NextPiece() {
  BodyStream::Piece piece;
  while (!run_->stream().Take(piece)) {
    if (!woken_) {
      Code error;
      wakeup_.expires_at(Clock::time_point::max());
      co_await wakeup_.async_wait(asio::redirect_error(kAwait, error));
    }
    woken_ = false;
  }
  co_return piece;
}

boost::asio::awaitable<bool, Executor> Connection::SendRun(Answer answer) {
  run_ = answer.run;
  worker_.CountRunning(1);
  run_->Start();
  BodyStream::Piece piece = co_await NextPiece();
  const bool whole = piece.last;
  const auto first_byte = Clock::now();
  bool sent = false;
  if (!gone_) {
    sent = whole ? co_await SendWhole(answer, std::move(piece)) : co_await SendChunks(answer, std::move(piece));
  } else if (!whole) {
    while (!(co_await NextPiece()).last) {
    }
  }
  endpoints_.metrics().ObserveWrite(Clock::now() - first_byte);
  endpoints_.metrics().CountResultBytes(run_->stream().bytes_taken());
  ReleaseRun();
  co_return sent;
}

// From here on nothing that other threads hold refers to this connection.
void Connection::ReleaseRun() {
  run_->stream().Detach();
  run_.reset();
  worker_.CountRunning(-1);
}

// Sends a body that is known as a whole, or the error that came instead of one.
boost::asio::awaitable<bool, Executor> Connection::SendWhole(const Answer& answer, BodyStream::Piece piece) {
  BodyStream& stream = run_->stream();
  const Request& request = parser_.request();
  const bool graphql = answer.media_type == MediaType::kGraphqlResponse;
  Response response;
  if (!stream.status()) {
    const Error& error = stream.status().error();
    // What went wrong inside is in the log, under the request's id.
    const bool internal = error.code == ErrorCode::kInternal;
    response = ErrorResponse(error.code, internal ? "internal error, request " + request_id_ : error.message,
                             error.code != ErrorCode::kBadInput);
    if (graphql && response.status == 200) response.status = GraphqlResponseStatus(ErrorCodeName(error.code));
  } else {
    response.body = std::move(piece.bytes);
    const query::ExecutionStats& stats = run_->stats();
    if (stats.has_errors && request.method != "POST" && stats.is_mutation) {
      response.status = 405;
      response.headers = "Allow: POST\r\nX-Eider-Error-Code: BAD_INPUT\r\n";
    } else if (stats.has_errors && graphql) {
      response.status = GraphqlResponseStatus(stats.error_code);
      response.headers.append("X-Eider-Error-Code: ").append(stats.error_code).append("\r\n");
    }
    if (stream.encoding() != Encoding::kIdentity) {
      response.headers.append("Content-Encoding: ").append(EncodingName(stream.encoding())).append("\r\n");
    }
  }
  if (stream.wants_compression()) response.headers.append("Vary: Accept-Encoding\r\n");
  response.headers.append(answer.headers);
  if (graphql) response.content_type = "application/graphql-response+json; charset=utf-8";
  co_return co_await SendResponse(std::move(response));
}

// Sends a body whose first piece is `piece` and whose length is not known.
boost::asio::awaitable<bool, Executor> Connection::SendChunks(const Answer& answer, BodyStream::Piece piece) {
  BodyStream& stream = run_->stream();
  const bool graphql = answer.media_type == MediaType::kGraphqlResponse;
  if (parser_.request().http10) finishing_ = true;
  HeadOptions head;
  head.content_type = graphql ? "application/graphql-response+json; charset=utf-8" : "application/json; charset=utf-8";
  head.content_encoding = EncodingName(stream.encoding());
  const std::string headers = answer.headers + (stream.wants_compression() ? "Vary: Accept-Encoding\r\n" : "");
  head.headers = headers;
  head_.clear();
  AppendHead(head);
  const bool bodiless = parser_.request().method == "HEAD";
  bool sent = !bodiless || co_await Write({head_, "", ""});
  if (bodiless) run_->Cancel();
  while (true) {
    if (!bodiless && sent && !(piece.last && !stream.status())) sent = co_await SendPiece(piece);
    // Nobody will read the rest: let the query end, and wait for that.
    if (!sent) run_->Cancel();
    const bool last = piece.last;
    stream.Recycle(std::move(piece.bytes));
    if (last) break;
    piece = co_await NextPiece();
  }
  if (!bodiless && (!sent || !stream.status())) {
    Reset();
    co_return false;
  }
  co_return sent && !bodiless;
}

boost::asio::awaitable<bool, Executor> Connection::SendPiece(const BodyStream::Piece& piece) {
  const bool http10 = parser_.request().http10;
  if (!http10 && !piece.bytes.empty()) {
    constexpr std::string_view kHex = "0123456789abcdef";
    int shift = 60;
    while (shift > 0 && (piece.bytes.size() >> shift) == 0) shift -= 4;
    for (; shift >= 0; shift -= 4) head_.push_back(kHex[(piece.bytes.size() >> shift) & 15]);
    head_.append("\r\n");
  }
  std::string_view tail = piece.bytes.empty() ? "" : "\r\n";
  if (piece.last) tail = piece.bytes.empty() ? "0\r\n\r\n" : "\r\n0\r\n\r\n";
  const bool sent = co_await Write({head_, piece.bytes, http10 ? "" : tail});
  head_.clear();
  co_return sent;
}

boost::asio::awaitable<bool, Executor> Connection::Write(Buffers buffers) {
  const auto kept_deadline = deadline_;
  std::size_t left = buffers[0].size() + buffers[1].size() + buffers[2].size();
  bool first = true;
  while (left > 0 && !gone_) {
    const std::array<asio::const_buffer, 3> parts = {asio::buffer(buffers[0]), asio::buffer(buffers[1]),
                                                     asio::buffer(buffers[2])};
    Code error;
    std::size_t size = 0;
    // Nearly always the socket has room at once, which saves a turn of the loop.
    if (std::exchange(first, false)) {
      size = socket_.write_some(parts, error);
    } else {
      error = asio::error::would_block;
    }
    if (error == asio::error::would_block || error == asio::error::try_again) {
      SetDeadline(options_.write_timeout);
      size = co_await socket_.async_write_some(parts, asio::redirect_error(kAwait, error));
    }
    if (error) {
      gone_ = true;
      break;
    }
    if (run_) run_->stream().NoteProgress();
    left -= size;
    for (std::string_view& buffer : buffers) {
      const std::size_t used = std::min(size, buffer.size());
      buffer.remove_prefix(used);
      size -= used;
    }
  }
  deadline_ = kept_deadline;
  co_return left == 0;
}

}  // namespace eider::http
