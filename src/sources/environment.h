#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace eider::sources {

// Replaces every `[$NAME]` of a path by environment variable NAME. Fails with kBadInput naming a variable that is not
// set.
Result<std::string> SubstituteEnvironment(std::string_view path);

}  // namespace eider::sources
