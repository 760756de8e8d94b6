#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "base/mutex.h"
#include "base/result.h"

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

// One TCP connection. Every call is over at its deadline, with kTimeout; any failure makes it useless. Not thread-safe.
class Wire {
 public:
  // Connects to a host given by number, or by a name that `LookUp()` has seen.
  static Result<std::unique_ptr<Wire>> Connect(const Address& address, const Deadline& deadline);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  Status Send(std::string_view bytes, const Deadline& deadline);
  // Appends what has come to `out`, at least one byte.
  Status Receive(std::string& out, const Deadline& deadline);

  // Looks the host's name up and remembers its addresses; takes as long as it takes.
  static void LookUp(const Address& address);

 private:
  explicit Wire(int socket) : socket_(socket) {}
  Status Await(short events, const Deadline& deadline) const;
  const int socket_;
};

}  // namespace eider::cache
