#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "auth/identity.h"
#include "base/result.h"

// An identity on its way from one node to another, behind a signature.
namespace eider::auth {

// `identity` as a JSON object, with its claims.
std::string ForwardedIdentityJson(const Identity& identity);

// Reads such text, as told by node `node`. Members that are unknown are passed over. Fails with kBadInput for any
// other text, and for names with control characters.
Result<std::shared_ptr<const Identity>> ReadForwardedIdentity(std::string_view json, std::string_view node);

// The node `node` itself.
std::shared_ptr<const Identity> NodeIdentity(std::string_view node);

}  // namespace eider::auth
