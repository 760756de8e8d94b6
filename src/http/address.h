#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace eider::http {

// A numeric address to listen at.
struct ListenAddress {
  std::string ip;
  std::uint16_t port = 0;
  bool optional = false;  // A machine may lack it, as it may lack IPv6.
};

struct ListenPlan {
  std::vector<ListenAddress> addresses;  // At least one.
  std::string warning;                   // For the log; may be empty.
};

// What to listen at for `bind` (HOST:PORT, [IPv6]:PORT, :PORT). While there is no authentication only loopback
// addresses are allowed, and :PORT means these. Fails with kBadInput; looks names up.
Result<ListenPlan> PlanListening(const std::string& bind, bool has_auth_provider);

}  // namespace eider::http
