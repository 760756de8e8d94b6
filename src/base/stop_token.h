#pragma once

#include <stop_token>

namespace eider {

// Cooperative cancelling is std::stop_token throughout; the aliases name the roles.
using StopToken = std::stop_token;
using StopSource = std::stop_source;

}  // namespace eider
