// How a connection answers; connection.cc has its life and its reading.
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "http/connection.h"
#include "http/error_map.h"
#include "http/worker.h"

namespace eider::http {
namespace {

namespace asio = boost::asio;
using Code = boost::system::error_code;

constexpr asio::use_awaitable_t<Executor> kAwait;
constexpr std::size_t kLargestSigned = std::size_t{32} << 20;

void AppendCacheHeaders(const query::CacheNote& note, std::string& headers) {
  switch (note.state) {
    case query::CacheState::kHit:
      headers.append("X-Eider-Cache: hit\r\nAge: ").append(std::to_string(note.age.count())).append("\r\n");
      return;
    case query::CacheState::kMiss: headers.append("X-Eider-Cache: miss\r\n"); return;
    case query::CacheState::kBypass: headers.append("X-Eider-Cache: bypass\r\n"); return;
  }
}

}  // namespace

boost::asio::awaitable<bool, Executor> Connection::AnswerRequest() {
  const auto started = Clock::now();
  Request& request = parser_.request();
  if (!request.keep_alive) finishing_ = true;
  request_id_ = endpoints_.RequestId(request);
  bool sent = false;
  span_ = endpoints_.BeginSpan(request, request_id_);
  // Details need an identity, wherever they are asked for.
  if (service_ == Service::kHealthOnly && request.path() != "/health/detail") {
    sent = co_await SendResponse(endpoints_.AnswerService(request));
  } else {
    Caller caller = endpoints_.Identify(request, request_id_, origin(), auth::Patience::kNone);
    if (caller.must_wait) caller = co_await IdentifyElsewhere(std::move(caller));
    caller.trace = span_.point();
    Answer answer =
        endpoints_.Decide(request, request_id_, std::move(caller), [self = shared_from_this()] { self->Wake(); });
    call_ = std::move(answer.call);
    if (answer.errand) {
      answer.response = co_await RunErrand(std::move(answer.errand));
      answer.response->headers.append(answer.headers);
    }
    if (answer.opening) {
      sent = co_await Serve(std::move(*answer.opening), std::move(answer.headers));
    } else if (answer.response) {
      sent = co_await SendResponse(std::move(*answer.response));
    } else {
      sent = co_await SendRun(std::move(answer));
    }
  }
  call_.reset();
  EndSpan();
  endpoints_.metrics().CountRequest(request.path(), request.method, status_, Clock::now() - started);
  co_return sent&& KeepAlive();
}

void Connection::AppendHead(HeadOptions options) {
  status_ = options.status;
  options.date = worker_.date();
  options.request_id = request_id_;
  if (!options.schema_version) options.schema_version = endpoints_.schema_version();
  options.close = !KeepAlive();
  options.http10 = parser_.request().http10;
  http::AppendHead(head_, options);
}

boost::asio::awaitable<bool, Executor> Connection::SendResponse(Response response) {
  if (response.close) finishing_ = true;
  if (call_) response.headers.append(call_->AnswerHeader(response.status, response.bytes()));
  HeadOptions head;
  head.status = response.status;
  head.content_type = response.content_type;
  head.schema_version = response.schema_version;
  if (response.status != 204) head.content_length = response.bytes().size();
  head.headers = response.headers;
  head_.clear();
  AppendHead(head);
  const bool bodiless = parser_.request().method == "HEAD";
  co_return co_await Write({head_, bodiless ? std::string_view() : response.bytes(), ""});
}

boost::asio::awaitable<BodyStream::Piece, Executor> Connection::NextPiece() {
  BodyStream::Piece piece;
  while (!run_->stream().Take(piece)) co_await AwaitWake();
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
  if (!gone_ && run_->head() != nullptr) {
    sent = co_await SendForwarded(answer, std::move(piece));
  } else if (!gone_ && call_ && !answer.signs_at_end) {
    sent = co_await SendSigned(answer, std::move(piece));
  } else if (!gone_) {
    sent = whole ? co_await SendWhole(answer, std::move(piece)) : co_await SendChunks(answer, std::move(piece));
  } else if (!whole) {
    while (!(co_await NextPiece()).last) {
    }
  }
  // Who has made the answer counts it.
  if (run_->head() == nullptr) {
    endpoints_.metrics().ObserveWrite(Clock::now() - first_byte);
    endpoints_.metrics().CountResultBytes(run_->stream().bytes_taken());
    NoteRun();
  }
  ReleaseRun();
  co_return sent;
}

// Gathers the whole body, as its signature stands in the head.
boost::asio::awaitable<bool, Executor> Connection::SendSigned(const Answer& answer, BodyStream::Piece piece) {
  bool fits = true;
  while (!piece.last) {
    BodyStream::Piece next = co_await NextPiece();
    fits = fits && piece.bytes.size() + next.bytes.size() <= kLargestSigned;
    if (fits) piece.bytes.append(next.bytes);
    if (!fits) run_->Cancel();
    piece.last = next.last;
    run_->stream().NoteProgress();
    run_->stream().Recycle(std::move(next.bytes));
  }
  if (gone_) co_return false;
  if (fits) co_return co_await SendWhole(answer, std::move(piece));
  co_return co_await SendResponse(ErrorResponse(
      ErrorCode::kResultTooLarge, "the answer is too large for a call between nodes: ask for less", true));
}

void Connection::EndSpan() {
  constexpr int kServerError = 500;
  if (span_.is_recorded()) {
    if (!gone_) span_.Set("http.response.status_code", std::int64_t{status_});
    if (gone_) span_.Set("error.type", "client gone");
    if (gone_ || status_ >= kServerError) span_.Fail();
  }
  // Also the trace that is only handed on.
  span_ = {};
}

// Tells the span what has become of the query.
void Connection::NoteRun() {
  if (!span_.is_recorded()) return;
  const query::ExecutionStats& stats = run_->stats();
  const Status& status = run_->stream().status();
  span_.Set("eider.rows", stats.rows);
  span_.Set("graphql.operation.type", stats.is_mutation ? "mutation" : "query");
  const std::string_view code = status ? stats.error_code : ErrorCodeName(status.error().code);
  if (status && !stats.has_errors) return;
  span_.Set("error.type", code.empty() ? "OTHER" : code);
  span_.Fail();
}

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
  if (!stream.status() && answer.plain_errors && stream.status().error().code == ErrorCode::kBadInput) {
    response = PlainError(stream.status().error().message);
  } else if (!stream.status()) {
    const Error& error = stream.status().error();
    // What went wrong inside is in the log, under the request's id.
    const bool internal = error.code == ErrorCode::kInternal;
    response = ErrorResponse(error.code, internal ? "internal error, request " + request_id_ : error.message,
                             error.code != ErrorCode::kBadInput || answer.full_errors);
    if (answer.full_errors) AddRequestId(response, request_id_);
    if (graphql && response.status == 200) response.status = GraphqlResponseStatus(ErrorCodeName(error.code));
  } else {
    response.body = std::move(piece.bytes);
    const query::ExecutionStats& stats = run_->stats();
    if (stats.is_not_served) {
      response.status = 503;
      response.headers.append("Retry-After: 1\r\nX-Eider-Error-Code: ").append(stats.error_code).append("\r\n");
    } else if (stats.has_errors && request.method != "POST" && stats.is_mutation) {
      response.status = 405;
      response.headers = "Allow: POST\r\nX-Eider-Error-Code: BAD_INPUT\r\n";
    } else if (stats.has_errors && stats.is_text) {
      response.status = 400;
      response.content_type = "text/plain; charset=utf-8";
      response.headers.append("X-Eider-Error-Code: ").append(stats.error_code).append("\r\n");
    } else if (stats.has_errors && graphql) {
      response.status = GraphqlResponseStatus(stats.error_code);
      response.headers.append("X-Eider-Error-Code: ").append(stats.error_code).append("\r\n");
    }
    if (stream.encoding() != Encoding::kIdentity) {
      response.headers.append("Content-Encoding: ").append(EncodingName(stream.encoding())).append("\r\n");
    }
  }
  AppendCacheHeaders(stream.cache(), response.headers);
  if (stream.wants_compression()) response.headers.append("Vary: Accept-Encoding\r\n");
  response.headers.append(answer.headers);
  if (graphql) response.content_type = "application/graphql-response+json; charset=utf-8";
  co_return co_await SendResponse(std::move(response));
}

// Sends what another node has answered.
boost::asio::awaitable<bool, Executor> Connection::SendForwarded(const Answer& answer, BodyStream::Piece piece) {
  constexpr int kBadGateway = 502;
  const Response& head = *run_->head();
  Response response;
  response.status = head.status;
  response.content_type = head.content_type;
  response.headers = head.headers + answer.headers;
  response.schema_version = head.schema_version;
  if (piece.last) {
    const Status& status = run_->stream().status();
    if (!status) {
      response = ErrorResponse(kBadGateway, status.error().code, status.error().message, true);
      response.headers.append(answer.headers);
    } else {
      response.body = std::move(piece.bytes);
    }
    co_return co_await SendResponse(std::move(response));
  }
  if (parser_.request().http10) finishing_ = true;
  HeadOptions options;
  options.status = response.status;
  options.content_type = response.content_type;
  options.headers = response.headers;
  options.schema_version = response.schema_version;
  co_return co_await SendBody(options, std::move(piece));
}

// Sends a body whose first piece is `piece` and whose length is not known.
boost::asio::awaitable<bool, Executor> Connection::SendChunks(const Answer& answer, BodyStream::Piece piece) {
  BodyStream& stream = run_->stream();
  const bool graphql = answer.media_type == MediaType::kGraphqlResponse;
  if (parser_.request().http10) finishing_ = true;
  HeadOptions head;
  head.content_type = graphql ? "application/graphql-response+json; charset=utf-8" : "application/json; charset=utf-8";
  head.content_encoding = EncodingName(stream.encoding());
  std::string headers = answer.headers + (stream.wants_compression() ? "Vary: Accept-Encoding\r\n" : "");
  AppendCacheHeaders(stream.cache(), headers);
  if (call_) headers.append("Trailer: X-Eider-Signature\r\n");
  head.headers = headers;
  co_return co_await SendBody(head, std::move(piece));
}

boost::asio::awaitable<bool, Executor> Connection::SendBody(HeadOptions head, BodyStream::Piece piece) {
  BodyStream& stream = run_->stream();
  digest_.reset();
  if (call_) digest_.emplace();
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

// What stands behind a chunk: after the last one the signature, if there is one.
std::string Connection::Tail(const BodyStream::Piece& piece) {
  std::string tail = piece.bytes.empty() ? "" : "\r\n";
  if (!piece.last) return tail;
  tail.append("0\r\n");
  if (digest_) tail.append(call_->AnswerTrailer(status_, digest_->Finish()));
  return tail + "\r\n";
}

void Connection::AppendChunkHead(std::size_t size) {
  constexpr std::string_view kHex = "0123456789abcdef";
  int shift = 60;
  while (shift > 0 && (size >> shift) == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) head_.push_back(kHex[(size >> shift) & 15]);
  head_.append("\r\n");
}

boost::asio::awaitable<bool, Executor> Connection::SendPiece(const BodyStream::Piece& piece) {
  const bool http10 = parser_.request().http10;
  if (!http10 && !piece.bytes.empty()) AppendChunkHead(piece.bytes.size());
  if (digest_) digest_->Add(piece.bytes);
  const std::string tail = http10 ? "" : Tail(piece);
  const bool sent = co_await Write({head_, piece.bytes, tail});
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
    if (tls_ != nullptr) {
      size = co_await WriteTls(buffers, error);
    } else if (std::exchange(first, false)) {
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
