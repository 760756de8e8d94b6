#include "auth/client_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

namespace eider::auth {
namespace {

constexpr int kMappedBits = 96;

using Bytes = std::array<unsigned char, 16>;

// The address in the form of IPv6, in which IPv4 has a place of its own.
std::optional<Bytes> ReadAddress(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  const std::string copy(text);
  Bytes bytes{};
  if (inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1) return bytes;
  bytes[10] = bytes[11] = 0xff;
  if (inet_pton(AF_INET, copy.c_str(), bytes.data() + 12) == 1) return bytes;
  return std::nullopt;
}

bool SamePrefix(const Bytes& a, const Bytes& b, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (std::memcmp(a.data(), b.data(), whole) != 0) return false;
  const int rest = bits % 8;
  return rest == 0 || (a[whole] >> (8 - rest)) == (b[whole] >> (8 - rest));
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<TrustedProxies> TrustedProxies::Parse(const std::vector<std::string>& networks) {
  TrustedProxies proxies;
  for (const std::string& text : networks) {
    const std::size_t slash = text.find('/');
    const auto address = ReadAddress(std::string_view(text).substr(0, slash));
    const bool is_v4 = text.find(':') == std::string::npos;
    int bits = is_v4 ? 32 : 128;
    bool good = address.has_value();
    if (good && slash != std::string::npos) {
      const char* end = text.data() + text.size();
      const int most = bits;
      const auto [rest, error] = std::from_chars(text.data() + slash + 1, end, bits);
      good = error == std::errc() && rest == end && bits >= 0 && bits <= most;
    }
    if (!good) {
      return Error(ErrorCode::kBadInput, "TRUSTED_PROXIES must list networks such as 10.0.0.0/8, not \"" + text + "\"");
    }
    proxies.networks_.push_back({*address, is_v4 ? bits + kMappedBits : bits});
  }
  return proxies;
}

bool TrustedProxies::Has(std::string_view address) const {
  const auto bytes = ReadAddress(address);
  return bytes && std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
           return SamePrefix(*bytes, network.address, network.bits);
         });
}

std::string_view TrustedProxies::ClientOf(std::string_view peer, std::string_view forwarded_for) const {
  if (networks_.empty() || forwarded_for.empty() || !Has(peer)) return peer;
  std::string_view client = peer;
  while (!forwarded_for.empty()) {
    const std::size_t comma = forwarded_for.rfind(',');
    const std::string_view entry = Trim(forwarded_for.substr(comma == std::string_view::npos ? 0 : comma + 1));
    forwarded_for = comma == std::string_view::npos ? std::string_view() : forwarded_for.substr(0, comma);
    // What is no address was not written by a proxy that can be trusted.
    if (!ReadAddress(entry)) return client;
    client = entry;
    if (!Has(entry)) return client;
  }
  return client;
}

}  // namespace eider::auth
