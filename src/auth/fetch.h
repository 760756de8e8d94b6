#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"

namespace eider::auth {

struct FetchRequest {
  std::string url;
  std::string bearer;  // Sent as Authorization: Bearer; empty = none.
  std::chrono::milliseconds timeout = std::chrono::seconds(5);
  std::size_t max_bytes = 1 << 20;
  bool tls_insecure = false;
};

struct FetchAnswer {
  int status = 0;
  std::string body;
  std::optional<std::chrono::seconds> max_age;  // Of Cache-Control; 0 for no-store and no-cache.
};

// Gets a document over http or https; blocks, at most for the timeout. Follows no redirect to another protocol and at
// most three at all, none with a bearer. Fails with kSourceUnavailable; the message names the host's address only.
Result<FetchAnswer> Fetch(const FetchRequest& request);

}  // namespace eider::auth
