#pragma once

#include <string>
#include <vector>

#include "auth/authenticator.h"
#include "auth/settings.h"
#include "base/result.h"

namespace eider::auth {

// What the table of a secure start (docs/access.md) makes of the settings.
struct StartPlan {
  AnonymousRule anonymous;
  bool loopback_only = false;  // Listeners must not be reachable from other machines.
  std::vector<std::string> warnings;
};

// `is_loopback` tells that the listeners were told to bind to loopback addresses. Fails with kBadInput when nobody
// could come in.
Result<StartPlan> PlanStart(const AuthSettings& settings, bool is_loopback);

}  // namespace eider::auth
