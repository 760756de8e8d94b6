#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/authenticator.h"
#include "auth/credentials.h"
#include "cluster/link/call_verifier.h"
#include "http/request.h"
#include "http/response.h"
#include "observe/span.h"
#include "tls/peer_certificate.h"

namespace eider::http {

// Where a request comes from. Borrows.
struct Origin {
  std::string_view address;                           // Of the client, or of the proxy before it; without port.
  const tls::PeerCertificate* certificate = nullptr;  // Null = the connection has no TLS.
};

// What is known of who sends a request, before it is looked at further.
struct Caller {
  std::optional<Response> answer;  // The request goes no further.
  bool must_wait = false;          // Ask again where waiting is allowed.
  std::shared_ptr<const auth::Identity> identity;
  std::string headers;                               // For any answer that it gets.
  std::shared_ptr<const cluster::CallVerdict> call;  // Of a node's call, whose answer is signed; null for others.
  std::shared_ptr<const auth::RoleFacts> role;       // Null = without limits.
  std::string client_ip;
  observe::TraceRef trace;  // What the request is a part of; null = of no trace.
};

// The credentials of a request. Borrows it.
class RequestCredentials final : public auth::Credentials {
 public:
  explicit RequestCredentials(const Request& request) : request_(request) {}
  std::string_view Header(std::string_view lower_name) const override { return request_.Header(lower_name); }
  int Count(std::string_view lower_name) const override { return request_.Count(lower_name); }

 private:
  const Request& request_;
};

// How `decision` leaves for the client of `request`. `login_url` is where a browser is sent; empty = nowhere.
Response RefusalResponse(const auth::Decision& decision, const std::string& login_url, bool full_errors,
                         std::string_view request_id);

// The headers RateLimit-*, when there is a limit.
std::string RateHeaders(const auth::Decision& decision);

}  // namespace eider::http
