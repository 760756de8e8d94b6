#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace eider::auth {

// The networks of proxies whose word about their clients is taken. Immutable.
class TrustedProxies {
 public:
  // Reads networks such as "10.0.0.0/8" and "fd00::/8", and single addresses. Fails with kBadInput and the text.
  static Result<TrustedProxies> Parse(const std::vector<std::string>& networks);

  // The client's address: `peer`, or the right-most entry of X-Forwarded-For that is no trusted proxy when `peer` is
  // one.
  std::string_view ClientOf(std::string_view peer, std::string_view forwarded_for) const;

 private:
  struct Network {
    std::array<unsigned char, 16> address{};
    int bits = 0;
  };

  bool Has(std::string_view address) const;

  std::vector<Network> networks_;
};

}  // namespace eider::auth
