#include "http/subscribe/websocket.h"

#include <wslay/wslay.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace eider::http {

// What wslay calls, all of it from within Feed() and TakeOutput().
struct WebSocket::Callbacks {
  static ssize_t Read(wslay_event_context_ptr context, std::uint8_t* data, std::size_t size, int /*flags*/,
                      void* user_data) {
    auto& socket = *static_cast<WebSocket*>(user_data);
    const std::size_t count = std::min(size, socket.input_.size());
    if (count == 0) {
      wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
      return -1;
    }
    std::memcpy(data, socket.input_.data(), count);
    socket.input_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }

  static ssize_t Write(wslay_event_context_ptr context, const std::uint8_t* data, std::size_t size, int /*flags*/,
                       void* user_data) {
    auto& socket = *static_cast<WebSocket*>(user_data);
    const std::size_t count = std::min(size, socket.room_);
    if (count == 0) {
      wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
      return -1;
    }
    socket.output_->append(reinterpret_cast<const char*>(data), count);
    socket.room_ -= count;
    return static_cast<ssize_t>(count);
  }

  static void Message(wslay_event_context_ptr /*context*/, const wslay_event_on_msg_recv_arg* message,
                      void* user_data) {
    auto& socket = *static_cast<WebSocket*>(user_data);
    switch (message->opcode) {
      case WSLAY_TEXT_FRAME:
        socket.handler_.on_text({reinterpret_cast<const char*>(message->msg), message->msg_length});
        break;
      case WSLAY_BINARY_FRAME: socket.Close(kUnsupported, "only text messages are understood"); break;
      case WSLAY_PONG: socket.handler_.on_pong(); break;
      default: break;  // Pings and closes are answered by the library.
    }
  }
};

void WebSocket::Free::operator()(wslay_event_context* context) const { wslay_event_context_free(context); }

WebSocket::WebSocket(Handler handler, std::size_t max_message) : handler_(std::move(handler)) {
  wslay_event_callbacks callbacks{};
  callbacks.recv_callback = Callbacks::Read;
  callbacks.send_callback = Callbacks::Write;
  callbacks.on_msg_recv_callback = Callbacks::Message;
  wslay_event_context_ptr context = nullptr;
  // It fails only without memory.
  if (wslay_event_context_server_init(&context, &callbacks, this) != 0) throw std::bad_alloc();
  context_.reset(context);
  set_max_message(max_message);
}

WebSocket::~WebSocket() = default;

void WebSocket::set_max_message(std::size_t bytes) {
  wslay_event_config_set_max_recv_msg_length(context_.get(), bytes);
}

bool WebSocket::Feed(std::string_view bytes) {
  input_ = bytes;
  if (wslay_event_recv(context_.get()) != 0) failed_ = true;
  input_ = {};
  return !failed_ && wslay_event_want_read(context_.get()) != 0;
}

void WebSocket::SendText(std::string_view text) {
  const wslay_event_msg message{WSLAY_TEXT_FRAME, reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  if (wslay_event_queue_msg(context_.get(), &message) == WSLAY_ERR_NOMEM) throw std::bad_alloc();
}

void WebSocket::SendPing() {
  const wslay_event_msg message{WSLAY_PING, nullptr, 0};
  (void)wslay_event_queue_msg(context_.get(), &message);
}

void WebSocket::Close(std::uint16_t code, std::string_view reason) {
  constexpr std::size_t kLongestReason = 123;
  reason = reason.substr(0, kLongestReason);
  (void)wslay_event_queue_close(context_.get(), code, reinterpret_cast<const std::uint8_t*>(reason.data()),
                                reason.size());
}

void WebSocket::TakeOutput(std::string& out, std::size_t most) {
  output_ = &out;
  room_ = most;
  if (wslay_event_send(context_.get()) != 0) failed_ = true;
  output_ = nullptr;
  room_ = 0;
}

std::size_t WebSocket::queued() const { return wslay_event_get_queued_msg_length(context_.get()); }

bool WebSocket::is_over() const {
  return failed_ || (wslay_event_want_read(context_.get()) == 0 && wslay_event_want_write(context_.get()) == 0);
}

}  // namespace eider::http
