#include "server/node_url.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

#include "fetch/url.h"

namespace eider::server {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* addresses) const { ::freeaddrinfo(addresses); }
};

std::string Parameter(const postgres::Dsn& dsn, std::string_view name) {
  for (const auto& [known, value] : dsn.parameters) {
    if (known == name) return value.substr(0, value.find(','));
  }
  return "";
}

// The address that packets to `target` leave with; nothing is sent.
std::string LocalAddress(const addrinfo& target) {
  const int socket = ::socket(target.ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return "";
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  char text[NI_MAXHOST] = {};
  const bool found =
      ::connect(socket, target.ai_addr, target.ai_addrlen) == 0 &&
      ::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &size) == 0 &&
      ::getnameinfo(reinterpret_cast<sockaddr*>(&own), size, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0;
  ::close(socket);
  return found ? text : "";
}

// Nothing when there is no way over IP.
Result<std::string> UrlOnTheWayTo(const std::string& host, const std::string& port, std::string_view listening) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const bool is_ip =
      !host.empty() && !host.starts_with('/') && ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) == 0;
  const std::unique_ptr<addrinfo, FreeAddresses> addresses(found);
  for (const addrinfo* target = is_ip ? addresses.get() : nullptr; target != nullptr; target = target->ai_next) {
    const std::string own = LocalAddress(*target);
    if (own.empty()) continue;
    const bool is_v6 = own.find(':') != std::string::npos;
    return "http://" + (is_v6 ? "[" + own + "]" : own) + std::string(listening.substr(listening.rfind(':'))) + "/ipc";
  }
  return Error(ErrorCode::kBadInput,
               "CLUSTER_NODE_URL=auto: there is no way over IP to the core database; give the URL of this node");
}

}  // namespace

Result<std::string> AutomaticNodeUrl(const postgres::Dsn& core, std::string_view listening) {
  std::string host = Parameter(core, "hostaddr");
  if (host.empty()) host = Parameter(core, "host");
  const std::string port = Parameter(core, "port");
  return UrlOnTheWayTo(host, port.empty() ? "5432" : port, listening);
}

Result<std::string> AutomaticNodeUrl(const std::string& url, std::string_view listening) {
  EIDER_ASSIGN_OR_RETURN(const fetch::Url parsed, fetch::ParseUrl(url));
  const bool is_v6 = parsed.host.starts_with('[');
  return UrlOnTheWayTo(is_v6 ? parsed.host.substr(1, parsed.host.size() - 2) : parsed.host, parsed.port, listening);
}

}  // namespace eider::server
