#pragma once

#include <string>
#include <string_view>

#include "auth/settings.h"
#include "base/result.h"

// Settings that an operator stored for all nodes of a cluster: JSON of the form of an auth file (docs/access.md).
namespace eider::auth {

// Reads `config` over `settings`. Values stand in it themselves: one that names a variable or a file is refused, since
// nodes would read different ones. Fails with kBadInput; the message names the key, never a value.
Status ReadSharedSettings(std::string_view config, AuthSettings& settings);

// `config` with every secret as ***.
Result<std::string> ShowSharedSettings(std::string_view config);

// `config` with every secret that reads *** replaced by the one that `stored` has there; `stored` may be empty. Fails
// with kBadInput when it has none, or when `config` is no JSON object.
Result<std::string> RestoreSharedSecrets(std::string_view config, std::string_view stored);

// Puts `over` above `settings`: its providers replace those of the same name, its other values count where they are
// given.
void Overlay(AuthSettings& settings, AuthSettings over);

}  // namespace eider::auth
