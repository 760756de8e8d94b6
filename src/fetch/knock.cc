#include "fetch/knock.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>

#include "fetch/address_guard.h"

namespace eider::fetch {
namespace {

bool IsWritable(int socket, const Deadline& deadline) {
  while (!deadline.Passed()) {
    pollfd watched{socket, POLLOUT, 0};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.Remaining());
    if (::poll(&watched, 1, static_cast<int>(left.count())) > 0) return true;
  }
  return false;
}

bool Connects(const addrinfo& address, const Deadline& deadline) {
  if (IsLinkLocal(*address.ai_addr)) return false;
  const int socket = ::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return false;
  bool done = ::connect(socket, address.ai_addr, address.ai_addrlen) == 0;
  if (!done && errno == EINPROGRESS && IsWritable(socket, deadline)) {
    int failure = 0;
    socklen_t size = sizeof failure;
    done = ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 && failure == 0;
  }
  ::close(socket);
  return done;
}

}  // namespace

bool TakesConnections(const Url& url, const Deadline& deadline) {
  std::string host = url.host;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), url.port.c_str(), &wanted, &found) != 0) return false;
  bool any = false;
  for (const addrinfo* at = found; at != nullptr && !any; at = at->ai_next) any = Connects(*at, deadline);
  ::freeaddrinfo(found);
  return any;
}

}  // namespace eider::fetch
