#pragma once

#include <functional>
#include <memory>
#include <string>

#include "auth/provider.h"
#include "auth/settings.h"
#include "auth/token_rules.h"

namespace eider::auth {

// Tokens of an OpenID provider, whose keys are found by discovery at first use and in the background. While the
// provider cannot be reached its tokens are rejected with "identity provider unavailable". Opaque tokens are resolved
// by the userinfo endpoint when that is on, and remembered for 60 s.
std::unique_ptr<Provider> MakeOidc(const OidcSettings& settings, const JwtParts& parts);

}  // namespace eider::auth
