#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "http/endpoints.h"
#include "http/request_parser.h"
#include "tls/server_session.h"

namespace eider::http {

class EventStream;
class SubscribeSession;
class Worker;

using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

// Which paths a listener serves.
enum class Service { kMain, kHealthOnly };

// One client's connection: reads requests one after another and answers each before it reads the next. Lives on one
// event loop; everything but the waking of its coroutine happens there, its end too. Held by its coroutine and by who
// wakes it; a query that it started has always ended before.
class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;

  Connection(Socket socket, Service service, Worker& worker, Endpoints& endpoints, const ServerOptions& options);
  ~Connection();

  // Starts to serve.
  void Start();

  // Gives up what takes longer than it may. Called by the worker every few ten milliseconds.
  void CheckTime(Clock::time_point now);

  // The socket to watch for the client's going while a query runs; -1 while none does.
  int watched_socket() const { return (run_ || events_) && !gone_ ? descriptor_ : -1; }

  // Ends the running query, as nobody waits for it any more.
  void ClientGone();

  // Closes when no request is being answered; else after the answer.
  void FinishSoon();

  // Ends the running query and then closes.
  void Cancel();

 private:
  template <class T>
  using Awaitable = boost::asio::awaitable<T, Executor>;
  using Timer = boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor>;
  using Buffers = std::array<std::string_view, 3>;

  Awaitable<void> Serve(std::shared_ptr<Connection> self);
  // Finds out whether the client speaks TLS, and begins it; false = no connection comes about.
  Awaitable<bool> BeginTls();
  Awaitable<bool> ShakeHands();
  // As the socket's methods, over TLS.
  Awaitable<std::size_t> ReadTls(boost::system::error_code& error);
  Awaitable<std::size_t> WriteTls(const Buffers& buffers, boost::system::error_code& error);
  // Waits for what a step of TLS needs; false = nothing further can be done.
  Awaitable<bool> AwaitStep(tls::Step step);
  Awaitable<bool> ReadRequest();
  Awaitable<bool> ReadMore();
  Awaitable<bool> AnswerRequest();
  Awaitable<Caller> IdentifyElsewhere(Caller so_far);
  // Has a response made by a thread that may wait.
  Awaitable<Response> RunErrand(std::function<Response()> errand);
  Awaitable<void> AwaitWake(Clock::time_point until = Clock::time_point::max());
  // Serves what a request has opened, to its end.
  Awaitable<bool> Serve(Opening opening, std::string headers);
  Awaitable<bool> ServeWebSocket(Opening opening);
  Awaitable<void> ReadFrames();
  Awaitable<void> AwaitRoom();
  void OnOutput();
  // Lets go of them without waiting for their end.
  void AbandonSubscriptions();
  Awaitable<void> WriteFrames(std::shared_ptr<Connection> self);
  Awaitable<bool> ServeEvents(Opening opening, std::string headers);
  Awaitable<bool> SendEvents(std::string headers);
  Awaitable<bool> SendChunk(std::string_view bytes, bool last);
  Awaitable<bool> SendResponse(Response response);
  Awaitable<bool> SendRun(Answer answer);
  Awaitable<bool> SendWhole(const Answer& answer, BodyStream::Piece piece);
  Awaitable<bool> SendChunks(const Answer& answer, BodyStream::Piece piece);
  Awaitable<bool> SendForwarded(const Answer& answer, BodyStream::Piece piece);
  Awaitable<bool> SendBody(HeadOptions head, BodyStream::Piece piece);
  Awaitable<bool> SendSigned(const Answer& answer, BodyStream::Piece piece);
  Awaitable<bool> SendPiece(const BodyStream::Piece& piece);
  Awaitable<BodyStream::Piece> NextPiece();
  Awaitable<bool> Write(Buffers buffers);
  Awaitable<void> Refuse();
  Awaitable<void> DiscardInput();

  Origin origin() const { return {peer_, certificate_ ? &*certificate_ : nullptr}; }
  void ReleaseRun();
  void EndSpan();
  void NoteRun();
  void MakeRoom();
  void SetDeadline(std::chrono::milliseconds timeout);
  void AppendHead(HeadOptions options);
  void AppendChunkHead(std::size_t size);
  std::string Tail(const BodyStream::Piece& piece);
  void Wake();      // From any thread.
  void WakeHere();  // On the loop.
  bool KeepAlive() const;
  void Reset();

  Socket socket_;
  const int descriptor_;
  const Service service_;
  Worker& worker_;
  Endpoints& endpoints_;
  const ServerOptions& options_;
  RequestParser parser_;
  std::vector<char> input_;
  std::size_t input_begin_ = 0;
  std::size_t input_end_ = 0;
  std::string head_;
  std::string request_id_;
  std::shared_ptr<AnswerRun> run_;
  std::optional<Sha256Stream> digest_;  // Of a body whose signature comes behind it.
  Timer wakeup_;
  Clock::time_point deadline_ = Clock::time_point::max();
  std::string peer_;                                  // The client's address, without port.
  std::unique_ptr<tls::ServerSession> tls_;           // Null = the connection is plain.
  std::optional<tls::PeerCertificate> certificate_;   // With `tls_`.
  std::string record_;                                // What TLS is given at once.
  std::shared_ptr<const cluster::CallVerdict> call_;  // Signs the answer; null = nobody does.
  std::shared_ptr<SubscribeSession> session_;         // Of a WebSocket.
  std::shared_ptr<EventStream> events_;               // That is being sent.
  observe::Span span_;                                // Of the request that is being answered.
  int status_ = 0;
  Timer room_;  // Of who reads from a WebSocket and waits for who writes to it.
  bool is_reading_ = false;
  bool is_writing_ = false;
  bool woken_ = false;
  bool gone_ = false;       // The client closed, or must not get any more.
  bool finishing_ = false;  // No further request is read.
  bool stopping_ = false;   // The node is stopping.
};

}  // namespace eider::http
