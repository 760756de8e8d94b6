#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "http/server.h"
#include "http/subscribe/live_operation.h"
#include "http/subscribe/messages.h"
#include "http/subscribe/websocket.h"

namespace eider::http {

// The server's side of graphql-transport-ws over one WebSocket, without its socket. Lives on one event loop. Its
// operations keep it alive.
class SubscribeSession final : public OperationOwner, public std::enable_shared_from_this<SubscribeSession> {
 public:
  using Executor = LiveOperation::Executor;
  using Clock = std::chrono::steady_clock;

  // Close codes of the protocol.
  static constexpr std::uint16_t kBadMessage = 4400;
  static constexpr std::uint16_t kUnauthorized = 4401;
  static constexpr std::uint16_t kForbidden = 4403;
  static constexpr std::uint16_t kInitTimeout = 4408;
  static constexpr std::uint16_t kDuplicate = 4409;
  static constexpr std::uint16_t kTooManyInits = 4429;
  static constexpr std::uint16_t kTryAgain = 1013;

  struct Opened {
    Subscriber subscriber;
    bool is_known = true;        // Else connection_init must bring credentials.
    bool may_introduce = false;  // It may do so.
  };

  // `on_output` is called when there is something to send that was not there before.
  SubscribeSession(const LiveOperation::Environment& environment, Executor executor, Opened opened,
                   const SubscribeOptions& options, std::function<void()> on_output);
  ~SubscribeSession() override;

  // Takes bytes of the client. False = nothing further is read.
  bool Receive(std::string_view bytes);

  // Appends up to `most` bytes of what is to be sent; to be called again when those have gone.
  void TakeOutput(std::string& out, std::size_t most);

  // What takes longer than it may, and what is due by time.
  void CheckTime(Clock::time_point now);

  // Closes once no request of it runs.
  void FinishSoon();

  // Closes now.
  void Close(std::uint16_t code, std::string_view reason);

  // The socket has gone: ends its operations.
  void End();

  // Whether nothing is sent beyond what waits.
  bool is_closing() const { return state_ == State::kClosed || socket_.is_over(); }

  // Whether so much waits to be sent that nothing further should be read.
  bool is_clogged() const;

  // Whether something of it still runs.
  bool is_busy() const { return busy_ > 0; }

  // Operations and this.
  Subscriber& subscriber() override { return opened_.subscriber; }
  bool rechecks() const override { return true; }
  bool HasRoom() const override;
  void OnNext(const std::string& id, std::string payload) override;
  void OnEnd(const std::string& id, std::string errors) override;
  void OnRefused(const Response& refusal) override;
  void OnGone() override;

 private:
  enum class State { kNew, kIntroducing, kReady, kClosed };

  void OnText(std::string_view text);
  void OnMessage(Result<ClientMessage> message);
  // Reads a long message, and then those that came behind it.
  boost::asio::awaitable<void, Executor> ReadElsewhere(std::shared_ptr<SubscribeSession> self, std::string text);
  void OnInit(const ClientMessage& message);
  void OnSubscribe(ClientMessage message);
  void OnComplete(const std::string& id);
  void Acknowledge();
  void Send(std::string_view text);
  // Looks whether the subscriber may still come in.
  boost::asio::awaitable<void, Executor> Recheck(std::shared_ptr<SubscribeSession> self);
  void StartRecheck();

  const LiveOperation::Environment environment_;
  const Executor executor_;
  Opened opened_;
  const SubscribeOptions& options_;
  const std::function<void()> on_output_;
  WebSocket socket_;
  State state_ = State::kNew;
  std::map<std::string, std::shared_ptr<LiveOperation>, std::less<>> operations_;
  bool is_reading_ = false;          // A long message.
  std::deque<std::string> waiting_;  // Messages behind it, no more than one read gives.
  int busy_ = 0;                     // Operations, readings and checks that have not ended yet.
  bool is_checking_ = false;
  bool is_finishing_ = false;
  const Clock::time_point opened_at_ = Clock::now();
  Clock::time_point heard_ = opened_at_;
  Clock::time_point pinged_ = opened_at_;
  Clock::time_point checked_ = opened_at_;
};

}  // namespace eider::http
