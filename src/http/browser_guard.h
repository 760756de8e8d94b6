#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/request.h"

namespace eider::http {

// Keeps pages of other sites, opened in a browser on the same machine or network, from using the node. Matters most
// while there is no authentication: any page may send a POST to a loopback address, and a name that points there
// makes the page's own origin of it. Immutable.
class BrowserGuard {
 public:
  // `allowed_origins` as in "https://app.example.org", or "*" for any. `open` tells that requests need no credentials.
  BrowserGuard(std::vector<std::string> allowed_origins, bool open);

  // Why the request is refused; empty when it is not.
  std::string_view Refusal(const Request& request) const;

  // Appends the headers that let a page of an allowed other origin read the answer, or send a request that it asked
  // leave for with OPTIONS.
  void AppendHeaders(const Request& request, std::string& headers) const;

 private:
  bool IsAllowed(std::string_view origin) const;

  const std::vector<std::string> allowed_origins_;
  const bool open_;
};

}  // namespace eider::http
