#include "http/subscribe/upgrade.h"

#include <algorithm>
#include <vector>

#include "base/digest.h"
#include "base/text.h"

namespace eider::http {
namespace {

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

// Whether a comma-separated list has `word`, in letters of any case when `word` is in small ones.
bool ListHas(std::string_view list, std::string_view word, bool any_case) {
  return std::ranges::any_of(SplitText(list, ','), [&](std::string_view one) {
    one = Trimmed(one);
    return any_case ? LowerAscii(one) == word : one == word;
  });
}

}  // namespace

bool IsUpgrade(const Request& request) {
  return request.method == "GET" && ListHas(request.Header("upgrade"), "websocket", true) &&
         ListHas(request.Header("connection"), "upgrade", true);
}

Result<std::string> AcceptUpgrade(const Request& request, std::string_view protocol) {
  constexpr std::string_view kMagic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  constexpr std::size_t kKeyBytes = 16;
  if (request.http10 || request.Count("sec-websocket-key") != 1) {
    return Error(ErrorCode::kBadInput, "a WebSocket needs HTTP/1.1 and one header Sec-WebSocket-Key");
  }
  if (request.Header("sec-websocket-version") != "13") {
    return Error(ErrorCode::kBadInput, "Sec-WebSocket-Version must be 13");
  }
  const std::string key(request.Header("sec-websocket-key"));
  const auto bytes = FromBase64(key);
  if (!bytes || bytes->size() != kKeyBytes) {
    return Error(ErrorCode::kBadInput, "Sec-WebSocket-Key must be 16 bytes in base64");
  }
  if (!ListHas(request.Header("sec-websocket-protocol"), protocol, false)) {
    return Error(ErrorCode::kBadInput, "Sec-WebSocket-Protocol must offer " + std::string(protocol));
  }
  return Base64(Sha1(key + std::string(kMagic)));
}

}  // namespace eider::http
