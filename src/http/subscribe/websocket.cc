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
    // The library says not why it closes when a client breaks the protocol. No text has a zero.
    constexpr std::string_view kEmptyClose("\x88\0", 2);
    constexpr std::string_view kProtocolError("\x88\2\x03\xea", 4);
    if (socket.failed_ && std::string_view(reinterpret_cast<const char*>(data), count) == kEmptyClose) {
      socket.output_->append(kProtocolError);
      socket.room_ = 0;
      return static_cast<ssize_t>(count);
    }
    socket.output_->append(reinterpret_cast<const char*>(data), count);
    socket.room_ -= count;
    return static_cast<ssize_t>(count);
  }

  static void BeginFrame(wslay_event_context_ptr /*context*/, const wslay_event_on_frame_recv_start_arg* frame,
                         void* user_data) {
    constexpr int kControl = 8;
    static_cast<WebSocket*>(user_data)->is_control_ = (frame->opcode & kControl) != 0;
  }

  static void Bytes(wslay_event_context_ptr /*context*/, const wslay_event_on_frame_recv_chunk_arg* chunk,
                    void* user_data) {
    auto& socket = *static_cast<WebSocket*>(user_data);
    if (socket.is_control_) return;
    socket.Guarded([&] { socket.OnBytes({reinterpret_cast<const char*>(chunk->data), chunk->data_length}); });
  }

  static void Message(wslay_event_context_ptr /*context*/, const wslay_event_on_msg_recv_arg* message,
                      void* user_data) {
    auto& socket = *static_cast<WebSocket*>(user_data);
    socket.Guarded([&] { socket.OnMessage(message->opcode); });
  }
};

// Nothing may be thrown through the library.
template <class Work>
void WebSocket::Guarded(const Work& work) {
  if (thrown_) return;
  try {
    work();
  } catch (...) {
    thrown_ = std::current_exception();
  }
}

void WebSocket::Free::operator()(wslay_event_context* context) const { wslay_event_context_free(context); }

WebSocket::WebSocket(Handler handler, std::size_t max_message) : handler_(std::move(handler)) {
  wslay_event_callbacks callbacks{};
  callbacks.recv_callback = Callbacks::Read;
  callbacks.send_callback = Callbacks::Write;
  callbacks.on_frame_recv_start_callback = Callbacks::BeginFrame;
  callbacks.on_frame_recv_chunk_callback = Callbacks::Bytes;
  callbacks.on_msg_recv_callback = Callbacks::Message;
  wslay_event_context_ptr context = nullptr;
  // It fails only without memory.
  if (wslay_event_context_server_init(&context, &callbacks, this) != 0) throw std::bad_alloc();
  context_.reset(context);
  // It would keep each fragment for itself.
  wslay_event_config_set_no_buffering(context, 1);
  set_max_message(max_message);
}

WebSocket::~WebSocket() = default;

// The library knows the sizes of single frames only.
void WebSocket::set_max_message(std::size_t bytes) {
  max_message_ = bytes;
  wslay_event_config_set_max_recv_msg_length(context_.get(), bytes);
}

void WebSocket::OnBytes(std::string_view bytes) {
  if (is_too_big_) return;
  is_too_big_ = bytes.size() > max_message_ - message_.size();
  if (!is_too_big_) return void(message_.append(bytes));
  std::string().swap(message_);
  Close(kTooBig, "the message is too long");
}

void WebSocket::OnMessage(int opcode) {
  if (is_too_big_) return;
  switch (opcode) {
    case WSLAY_TEXT_FRAME: return handler_.on_text(std::exchange(message_, {}));
    case WSLAY_BINARY_FRAME: return Close(kUnsupported, "only text messages are understood");
    case WSLAY_PONG: return handler_.on_pong();
    default: return;  // Pings and closes are answered by the library.
  }
}

bool WebSocket::Feed(std::string_view bytes) {
  input_ = bytes;
  if (wslay_event_recv(context_.get()) != 0) failed_ = true;
  input_ = {};
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  return !failed_ && !is_too_big_ && wslay_event_want_read(context_.get()) != 0;
}

void WebSocket::SendText(std::string_view text) {
  if (closing_) return;
  const wslay_event_msg message{WSLAY_TEXT_FRAME, reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  if (wslay_event_queue_msg(context_.get(), &message) == WSLAY_ERR_NOMEM) throw std::bad_alloc();
}

void WebSocket::SendPing() {
  const wslay_event_msg message{WSLAY_PING, nullptr, 0};
  (void)wslay_event_queue_msg(context_.get(), &message);
}

void WebSocket::Close(std::uint16_t code, std::string_view reason) {
  constexpr std::size_t kLongestReason = 123;
  std::size_t size = std::min(reason.size(), kLongestReason);
  // No character is cut.
  while (size > 0 && size < reason.size() && (static_cast<unsigned char>(reason[size]) & 0xC0) == 0x80) --size;
  if (!closing_) closing_ = {code, std::string(reason.substr(0, size))};
  CloseWhenSent();
}

void WebSocket::CloseWhenSent() {
  if (!closing_ || wslay_event_get_queued_msg_count(context_.get()) > 0) return;
  const auto* reason = reinterpret_cast<const std::uint8_t*>(closing_->reason.data());
  (void)wslay_event_queue_close(context_.get(), closing_->code, reason, closing_->reason.size());
}

void WebSocket::TakeOutput(std::string& out, std::size_t most) {
  // Nothing may be thrown from within the library.
  out.reserve(out.size() + most);
  output_ = &out;
  room_ = most;
  if (wslay_event_send(context_.get()) != 0) failed_ = true;
  CloseWhenSent();
  if (closing_ && !failed_ && wslay_event_send(context_.get()) != 0) failed_ = true;
  output_ = nullptr;
  room_ = 0;
}

std::size_t WebSocket::queued() const {
  constexpr std::size_t kKept = 64;
  return wslay_event_get_queued_msg_length(context_.get()) + kKept * wslay_event_get_queued_msg_count(context_.get());
}

bool WebSocket::is_over() const {
  return failed_ || (wslay_event_want_read(context_.get()) == 0 && wslay_event_want_write(context_.get()) == 0);
}

}  // namespace eider::http
