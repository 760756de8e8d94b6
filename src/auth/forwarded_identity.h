#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "auth/identity.h"
#include "base/result.h"

// An identity on its way from one node to another, behind a signature.
namespace eider::auth {

// `identity` as a JSON object, with its claims and who acts as it, and the address of its client unless that is empty.
std::string ForwardedIdentityJson(const Identity& identity, std::string_view client_ip = {});

// The address of the client in such text; empty when it has none.
std::string ForwardedClientIp(std::string_view json);

// Reads such text, as told by node `node`. Members that are unknown are passed over. Fails with kBadInput for any
// other text, and for names with control characters.
Result<std::shared_ptr<const Identity>> ReadForwardedIdentity(std::string_view json, std::string_view node);

// The node `node` itself.
std::shared_ptr<const Identity> NodeIdentity(std::string_view node);

}  // namespace eider::auth
