#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "fetch/peer.h"

namespace eider::sources {

// What holds for HTTP sources that do not say otherwise.
struct HttpDefaults {
  fetch::PeerOptions peer;
  int max_callers = 8;  // Requests of ours that may wait for one source while it stalls.
};

// What the path of an HTTP source says: a base URL whose query carries options.
struct HttpOptions {
  std::string base_url;   // Without options and without credentials; no slash at the end.
  std::string user;       // Of the URL.
  std::string password;   // Of the URL.
  std::string query;      // What is no option; sent with every request. Without "?".
  std::string server;     // x-hugr-server, as written; already the base of `base_url`.
  std::string spec_path;  // x-hugr-spec-path.
  std::string spec_url;   // x-hugr-spec-url.
  std::string security;   // x-hugr-security: JSON.
  fetch::PeerOptions peer;

  // Where the OpenAPI document is read; empty = there is none.
  Result<std::string> SpecUrl() const;
};

// Reads `path`; `defaults` are of the configuration. An unknown option of ours and a value out of range are refused.
// No message quotes the path.
Result<HttpOptions> ParseHttpPath(std::string_view path, const fetch::PeerOptions& defaults);

}  // namespace eider::sources
