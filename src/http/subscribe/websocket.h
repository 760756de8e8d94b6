#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct wslay_event_context;

namespace eider::http {

// The server's side of one WebSocket (RFC 6455) without its socket: bytes that came in become messages, messages become
// bytes that go out. Answers pings and closes, and refuses what breaks the protocol, by itself. Used by one thread.
class WebSocket {
 public:
  struct Handler {
    std::function<void(std::string_view text)> on_text;
    std::function<void()> on_pong;
  };

  // Close codes of RFC 6455.
  static constexpr std::uint16_t kUnsupported = 1003;
  static constexpr std::uint16_t kTooBig = 1009;
  static constexpr std::uint16_t kServiceRestart = 1012;

  // A message of more than `max_message` bytes ends the connection with 1009.
  WebSocket(Handler handler, std::size_t max_message);
  ~WebSocket();

  void set_max_message(std::size_t bytes);

  // Takes bytes of the client; calls the handler for what they complete. False = nothing further is read.
  bool Feed(std::string_view bytes);

  // Nothing is sent after Close(), but all that waited before it.
  void SendText(std::string_view text);
  void SendPing();
  void Close(std::uint16_t code, std::string_view reason);

  // Appends up to `most` bytes of what is to be sent to `out`.
  void TakeOutput(std::string& out, std::size_t most);

  // What waits to be sent, in bytes with what it costs to keep them.
  std::size_t queued() const;

  // Whether both sides have closed, or the protocol was broken: once the output has gone the socket may close.
  bool is_over() const;

 private:
  struct Callbacks;
  struct Free {
    void operator()(wslay_event_context* context) const;
  };

  struct Closing {
    std::uint16_t code;
    std::string reason;
  };

  void OnBytes(std::string_view bytes);
  void OnMessage(int opcode);
  // Runs `work`, whose failure Feed() passes on.
  template <class Work>
  void Guarded(const Work& work);
  // The library would send a close before the messages that wait.
  void CloseWhenSent();

  Handler handler_;
  std::unique_ptr<wslay_event_context, Free> context_;
  std::string_view input_;
  std::size_t max_message_ = 0;
  std::string message_;      // As far as it has come; fragments may be many and small.
  bool is_control_ = false;  // The present frame, whose payload is the library's affair.
  std::optional<Closing> closing_;
  std::string* output_ = nullptr;
  std::size_t room_ = 0;
  bool failed_ = false;
  bool is_too_big_ = false;    // The present message.
  std::exception_ptr thrown_;  // By the handler, which the library cannot pass on.
};

}  // namespace eider::http
