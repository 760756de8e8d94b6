#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/request.h"

namespace eider::http {

// Who has opened a WebSocket or an event stream, as far as all the requests that follow need it.
struct Subscriber {
  Request request;  // That opened it, without its body.
  std::string client_ip;
  std::string_view protocol;  // "ws" or "sse".

  // Takes headers that the first message brings. What tells of the connection itself stays as it was.
  void AddHeaders(const std::vector<std::pair<std::string, std::string>>& headers);
};

}  // namespace eider::http
