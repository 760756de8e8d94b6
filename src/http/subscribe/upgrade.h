#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "http/request.h"

namespace eider::http {

// Whether a request asks for a WebSocket.
bool IsUpgrade(const Request& request);

// The value of Sec-WebSocket-Accept for an upgrade to `protocol`. Fails with kBadInput for a handshake that is none, or
// that offers other protocols only.
Result<std::string> AcceptUpgrade(const Request& request, std::string_view protocol);

}  // namespace eider::http
