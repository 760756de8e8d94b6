#include "fetch/address_guard.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace eider::fetch {
namespace {

constexpr std::uint32_t kLinkLocal = 0xA9FE0000;  // 169.254.0.0/16
// Metadata services that stand elsewhere.
constexpr std::array<std::uint32_t, 2> kMetadata = {0x646464C8, 0xA83F8110};  // 100.100.100.200, 168.63.129.16

bool IsRefused(std::uint32_t address) {
  return (address & 0xFFFF0000) == kLinkLocal || std::ranges::find(kMetadata, address) != kMetadata.end();
}

using Bytes = std::array<std::uint8_t, 16>;

std::uint32_t Word(const Bytes& bytes, std::size_t at) {
  return static_cast<std::uint32_t>(bytes[at]) << 24 | static_cast<std::uint32_t>(bytes[at + 1]) << 16 |
         static_cast<std::uint32_t>(bytes[at + 2]) << 8 | bytes[at + 3];
}

bool StartsWith(const Bytes& bytes, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

bool IsRefused(const Bytes& bytes) {
  if (bytes[0] == 0xFE && (bytes[1] & 0xC0) == 0x80) return true;  // fe80::/10
  if (StartsWith(bytes, {0xFD, 0x00, 0x0E, 0xC2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x54})) return true;
  const bool is_mapped = StartsWith(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF});
  const bool is_compatible = StartsWith(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  const bool is_translated = StartsWith(bytes, {0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0});  // 64:ff9b::/96
  if (is_mapped || is_compatible || is_translated) return IsRefused(Word(bytes, 12));
  return StartsWith(bytes, {0x20, 0x02}) && IsRefused(Word(bytes, 2));  // 2002::/16 holds an IPv4 address.
}

}  // namespace

bool IsLinkLocal(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof in);
    return IsRefused(ntohl(in.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &address, sizeof in);
    Bytes bytes{};
    std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
    return IsRefused(bytes);
  }
  return true;  // Neither: no request goes there.
}

}  // namespace eider::fetch
