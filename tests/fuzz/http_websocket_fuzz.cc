// Any bytes as what a client sends over a WebSocket, in pieces whose size the first byte tells, and its texts as
// messages of graphql-transport-ws. What is read must not depend on where the cuts were.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "http/subscribe/messages.h"
#include "http/subscribe/websocket.h"

namespace {

constexpr std::size_t kMaxMessage = 4096;

using Texts = std::vector<std::string>;

Texts ReadInPieces(std::string_view bytes, std::size_t step) {
  Texts texts;
  eider::http::WebSocket socket({[&](std::string_view text) { texts.emplace_back(text); }, [] {}}, kMaxMessage);
  bool open = true;
  while (open && !bytes.empty()) {
    const std::string_view piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    open = socket.Feed(piece);
  }
  std::string sent;
  for (std::size_t before = 1; before != sent.size();) {
    before = sent.size();
    socket.TakeOutput(sent, 100);
  }
  return texts;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Texts whole = ReadInPieces(bytes, SIZE_MAX);
  if (ReadInPieces(bytes, 1 + data[0] % 17) != whole) std::abort();
  for (const std::string& text : whole) {
    if (text.size() > kMaxMessage) std::abort();
    (void)eider::http::ParseClientMessage(text);
  }
  (void)eider::http::ParseClientMessage(bytes);
  return 0;
}
