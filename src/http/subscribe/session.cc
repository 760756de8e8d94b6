#include "http/subscribe/session.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>
#include <vector>

#include "http/endpoints.h"
#include "http/subscribe/steps.h"
#include "http/worker.h"

namespace eider::http {
namespace {

// A longer message is read by a pool's thread, so that the event loop's other connections do not wait.
constexpr std::size_t kReadInPlace = 64 << 10;
constexpr std::size_t kFirstMessage = 64 << 10;      // Until it is known who sends.
constexpr std::size_t kRoom = std::size_t{1} << 20;  // Waiting to be sent when operations pause.
constexpr std::size_t kClogged = std::size_t{16} << 20;
constexpr auto kRecheck = std::chrono::seconds(3);

}  // namespace

SubscribeSession::SubscribeSession(const LiveOperation::Environment& environment, Executor executor, Opened opened,
                                   const SubscribeOptions& options, std::function<void()> on_output)
    : environment_(environment),
      executor_(std::move(executor)),
      opened_(std::move(opened)),
      options_(options),
      on_output_(std::move(on_output)),
      socket_({[this](std::string_view text) { OnText(text); }, [] {}}, kFirstMessage) {
  environment_.endpoints.metrics().CountWebSocket(1);
}

SubscribeSession::~SubscribeSession() { environment_.endpoints.metrics().CountWebSocket(-1); }

bool SubscribeSession::Receive(std::string_view bytes) {
  heard_ = Clock::now();
  const bool goes_on = socket_.Feed(bytes);
  // Pings and closes are answered without a word of ours.
  on_output_();
  return goes_on;
}

void SubscribeSession::TakeOutput(std::string& out, std::size_t most) {
  const bool had_room = HasRoom();
  socket_.TakeOutput(out, most);
  if (had_room || !HasRoom()) return;
  for (const auto& [id, operation] : operations_) operation->OnRoom();
}

bool SubscribeSession::HasRoom() const { return socket_.queued() < kRoom; }

bool SubscribeSession::is_clogged() const { return is_reading_ || socket_.queued() >= kClogged; }

void SubscribeSession::Send(std::string_view text) {
  if (state_ == State::kClosed) return;
  socket_.SendText(text);
  on_output_();
}

void SubscribeSession::Close(std::uint16_t code, std::string_view reason) {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  socket_.Close(code, reason);
  End();
  on_output_();
}

void SubscribeSession::End() {
  state_ = State::kClosed;
  for (const auto& [id, operation] : std::exchange(operations_, {})) operation->Stop();
}

void SubscribeSession::FinishSoon() {
  is_finishing_ = true;
  if (operations_.empty()) return Close(WebSocket::kServiceRestart, "the node is stopping");
  for (const auto& [id, operation] : operations_) operation->FinishSoon();
}

void SubscribeSession::CheckTime(Clock::time_point now) {
  if (state_ == State::kClosed) return;
  if (state_ == State::kNew && now - opened_at_ > options_.init_timeout) {
    return Close(kInitTimeout, "Connection initialisation timeout");
  }
  if (now - heard_ > options_.ping_interval + options_.pong_timeout) {
    return Close(kInitTimeout, "the client does not answer");
  }
  if (state_ == State::kReady && now - checked_ > kRecheck) StartRecheck();
  if (now - std::max(heard_, pinged_) <= options_.ping_interval) return;
  pinged_ = now;
  socket_.SendPing();
  if (state_ == State::kReady) socket_.SendText(R"({"type":"ping"})");
  on_output_();
}

// --- what the client says ------------------------------------------------------------------------

void SubscribeSession::OnText(std::string_view text) {
  if (state_ == State::kClosed) return;
  if (is_reading_) return void(waiting_.emplace_back(text));
  if (text.size() <= kReadInPlace) return OnMessage(ParseClientMessage(text));
  is_reading_ = true;
  ++busy_;
  boost::asio::co_spawn(executor_, ReadElsewhere(shared_from_this(), std::string(text)), boost::asio::detached);
}

boost::asio::awaitable<void, SubscribeSession::Executor> SubscribeSession::ReadElsewhere(
    std::shared_ptr<SubscribeSession> /*self*/, std::string text) {
  std::optional<Result<ClientMessage>> message;
  try {
    message = co_await ReadMessage(environment_.endpoints, executor_, text);
  } catch (const std::exception& error) {
    environment_.worker.log().Error("a message was not read", {{"reason", error.what()}});
  }
  is_reading_ = false;
  if (message) {
    OnMessage(std::move(*message));
  } else {
    Close(kTryAgain, "too many requests; try again later");
  }
  while (!is_reading_ && !waiting_.empty()) {
    const std::string next = std::move(waiting_.front());
    waiting_.pop_front();
    OnText(next);
  }
  OnGone();
}

void SubscribeSession::OnMessage(Result<ClientMessage> message) {
  if (state_ == State::kClosed) return;
  if (!message) return Close(kBadMessage, message.error().message);
  switch (message->type) {
    case ClientMessage::Type::kConnectionInit: return OnInit(*message);
    case ClientMessage::Type::kPing: return Send(R"({"type":"pong"})");
    case ClientMessage::Type::kPong: return;
    case ClientMessage::Type::kSubscribe: return OnSubscribe(std::move(*message));
    case ClientMessage::Type::kComplete: return OnComplete(message->id);
  }
}

void SubscribeSession::OnInit(const ClientMessage& message) {
  if (state_ != State::kNew) return Close(kTooManyInits, "Too many initialisation requests");
  const bool introduces = opened_.may_introduce && !message.headers.empty();
  if (!opened_.is_known && !introduces) return Close(kForbidden, "Forbidden");
  if (!introduces) return Acknowledge();
  opened_.subscriber.AddHeaders(message.headers);
  state_ = State::kIntroducing;
  StartRecheck();
}

void SubscribeSession::Acknowledge() {
  state_ = State::kReady;
  socket_.set_max_message(options_.max_message);
  Send(R"({"type":"connection_ack"})");
}

void SubscribeSession::OnSubscribe(ClientMessage message) {
  if (state_ != State::kReady) return Close(kUnauthorized, "Unauthorized");
  if (operations_.contains(message.id)) {
    return Close(kDuplicate, "Subscriber for " + message.id + " already exists");
  }
  if (operations_.size() >= options_.per_connection || is_finishing_) {
    const std::string_view reason = is_finishing_ ? "the node is stopping" : "too many operations on this connection";
    const ErrorCode code = is_finishing_ ? ErrorCode::kDraining : ErrorCode::kOverloaded;
    return OnEnd(message.id, ErrorListOf(code, reason));
  }
  auto operation = std::make_shared<LiveOperation>(environment_, executor_, message.id);
  operations_.emplace(message.id, operation);
  ++busy_;
  operation->Start(shared_from_this(), std::move(message.request),
                   message.delivery.value_or(options_.defaults.delivery));
}

void SubscribeSession::OnComplete(const std::string& id) {
  const auto found = operations_.find(id);
  if (found == operations_.end()) return;
  found->second->Stop();
  operations_.erase(found);
}

// --- what operations say -------------------------------------------------------------------------

void SubscribeSession::OnNext(const std::string& id, std::string payload) { Send(ServerMessage("next", id, payload)); }

void SubscribeSession::OnEnd(const std::string& id, std::string errors) {
  operations_.erase(id);
  if (!errors.empty()) Send(ServerMessage("error", id, errors));
  if (errors.empty() || options_.completes_after_error) Send(ServerMessage("complete", id, {}));
  if (is_finishing_ && operations_.empty()) Close(WebSocket::kServiceRestart, "the node is stopping");
}

void SubscribeSession::OnRefused(const Response& /*refusal*/) { Close(kForbidden, "Forbidden"); }

void SubscribeSession::OnGone() {
  --busy_;
  on_output_();
}

// --- who it is -----------------------------------------------------------------------------------

void SubscribeSession::StartRecheck() {
  if (std::exchange(is_checking_, true)) return;
  ++busy_;
  boost::asio::co_spawn(executor_, Recheck(shared_from_this()), boost::asio::detached);
}

boost::asio::awaitable<void, SubscribeSession::Executor> SubscribeSession::Recheck(
    std::shared_ptr<SubscribeSession> /*self*/) {
  bool refused = false;
  bool failed = false;
  try {
    const Caller caller = co_await Recognise(environment_.endpoints, executor_, opened_.subscriber, false);
    refused = IsRefusal(caller);
    failed = caller.answer.has_value();
  } catch (const std::exception& error) {
    environment_.worker.log().Error("a subscriber was not recognised", {{"reason", error.what()}});
    failed = true;
  }
  is_checking_ = false;
  checked_ = Clock::now();
  const bool introduces = state_ == State::kIntroducing;
  if (refused || (introduces && failed)) {
    Close(kForbidden, "Forbidden");
  } else if (introduces) {
    Acknowledge();
  }
  OnGone();
}

}  // namespace eider::http
