#include "http/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>

#include <charconv>
#include <memory>

namespace eider::http {
namespace {

struct HostAndPort {
  std::string host;
  std::uint16_t port = 0;
};

Result<HostAndPort> Split(const std::string& bind) {
  const Error refusal(ErrorCode::kBadInput,
                      fmt::format("BIND must read HOST:PORT, [IPv6]:PORT or :PORT, not \"{}\"", bind));
  const std::size_t colon = bind.rfind(':');
  if (colon == std::string::npos) return refusal;
  HostAndPort parts;
  parts.host = bind.substr(0, colon);
  const char* end = bind.data() + bind.size();
  const auto [rest, error] = std::from_chars(bind.data() + colon + 1, end, parts.port);
  if (error != std::errc() || rest != end) return refusal;
  if (parts.host.starts_with('[') && parts.host.ends_with(']')) {
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  } else if (parts.host.find(':') != std::string::npos) {
    return refusal;
  }
  return parts;
}

bool IsLoopback(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    return (ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr) >> 24) == 127;
  }
  return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
}

std::string NumericText(const sockaddr& address) {
  char text[INET6_ADDRSTRLEN] = {};
  const void* bytes = address.sa_family == AF_INET
                          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(address).sin_addr)
                          : static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
  inet_ntop(address.sa_family, bytes, text, sizeof text);
  return text;
}

struct Resolved {
  ListenPlan plan;
  bool is_loopback = true;
};

Result<Resolved> Resolve(const HostAndPort& parts) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (const int code = getaddrinfo(parts.host.c_str(), nullptr, &hints, &found); code != 0) {
    return Error(ErrorCode::kBadInput,
                 fmt::format("BIND names a host that cannot be resolved: {}: {}", parts.host, gai_strerror(code)));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  Resolved resolved;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    if (one->ai_family != AF_INET && one->ai_family != AF_INET6) continue;
    resolved.is_loopback = resolved.is_loopback && IsLoopback(*one->ai_addr);
    resolved.plan.addresses.push_back({NumericText(*one->ai_addr), parts.port, !resolved.plan.addresses.empty()});
  }
  if (resolved.plan.addresses.empty()) return Error(ErrorCode::kBadInput, "BIND names no address: " + parts.host);
  return resolved;
}

ListenPlan Loopback(std::uint16_t port) {
  ListenPlan plan;
  plan.addresses = {{"127.0.0.1", port, false}, {"::1", port, true}};
  plan.warning = "listening on 127.0.0.1 and ::1 only, as no provider of identities is configured";
  return plan;
}

}  // namespace

Result<ListenPlan> PlanListening(const std::string& bind, bool loopback_only) {
  EIDER_ASSIGN_OR_RETURN(const HostAndPort parts, Split(bind));
  if (parts.host.empty()) {
    if (loopback_only) return Loopback(parts.port);
    ListenPlan plan;
    plan.addresses = {{"0.0.0.0", parts.port, false}, {"::", parts.port, true}};
    return plan;
  }
  EIDER_ASSIGN_OR_RETURN(Resolved resolved, Resolve(parts));
  if (loopback_only && !resolved.is_loopback) return Loopback(parts.port);
  return std::move(resolved.plan);
}

bool IsLoopbackBind(const std::string& bind) {
  const auto parts = Split(bind);
  if (!parts || parts->host.empty()) return false;
  const auto resolved = Resolve(*parts);
  return resolved && resolved->is_loopback;
}

}  // namespace eider::http
