#pragma once

#include <curl/curl.h>

#include <string>

#include "fetch/peer.h"

namespace eider::fetch {

// What makes a handle call a node of the cluster. Made for one handle, and outlives its use.
class NodeHandle {
 public:
  // Sets TLS 1.2 or newer, the certificate to show and the CA to trust. REQUIRES: `node.certificates`.
  void Set(CURL* handle, const NodeTls& node);

  // Why the server at the other end of the connection gets no request: it is not that node; empty = it is. Called
  // before each request, since a kept connection may have been made for another node at the same address.
  static std::string Refusal(CURL* handle, const NodeTls& node);

  // Why there is no connection when that is for TLS; else empty.
  std::string Reason(CURLcode code) const;

 private:
  char detail_[CURL_ERROR_SIZE] = {};
};

}  // namespace eider::fetch
