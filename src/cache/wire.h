#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "base/mutex.h"
#include "base/result.h"
#include "cache/tls.h"

namespace eider::cache {

// A server as configured, "HOST:PORT"; IPv6 hosts in brackets.
struct Address {
  std::string host;
  std::string port;
  std::string ToString() const { return host + ":" + port; }
  friend auto operator<=>(const Address&, const Address&) = default;
};

// Fails with kBadInput for a text without host or port.
Result<Address> ParseAddress(std::string_view text, std::string_view default_port);

// One TCP connection, with TLS if it is to be secret. Every call is over at its deadline, with kTimeout; any failure
// makes it useless. Not thread-safe.
class Wire {
 public:
  // Connects to a host given by number, or by a name that `LookUp()` has seen.
  // With `tls` the server must prove to be that host.
  static Result<std::unique_ptr<Wire>> Connect(const Address& address, const Deadline& deadline,
                                               const TlsContext* tls = nullptr);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  Status Send(std::string_view bytes, const Deadline& deadline);
  // Appends what has come to `out`, at least one byte.
  Status Receive(std::string& out, const Deadline& deadline);

  // Looks the host's name up and remembers its addresses; takes as long as it takes.
  static void LookUp(const Address& address);

 private:
  static Result<std::unique_ptr<Wire>> ConnectPlain(const Address& address, const Deadline& deadline);
  explicit Wire(int socket) : socket_(socket) {}
  Status Await(short events, const Deadline& deadline) const;
  Status StartTls(const TlsContext& tls, const std::string& host, const Deadline& deadline);
  // Waits for what TLS waits for after a call that gave `result`; fails when it is over.
  Status AwaitTls(int result, std::string_view what, const Deadline& deadline);
  const int socket_;
  TlsContext::Session session_{nullptr, SSL_free};
};

}  // namespace eider::cache
