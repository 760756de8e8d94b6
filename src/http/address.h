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

// What to listen at for `bind` (HOST:PORT, [IPv6]:PORT, :PORT). With `loopback_only` any other address becomes
// 127.0.0.1 and ::1, with a warning. Fails with kBadInput; looks names up.
Result<ListenPlan> PlanListening(const std::string& bind, bool loopback_only);

// Whether `bind` names loopback addresses only. False for a bind that cannot be read.
bool IsLoopbackBind(const std::string& bind);

}  // namespace eider::http
