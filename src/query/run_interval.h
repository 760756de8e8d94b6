#pragma once

#include <chrono>
#include <string_view>

#include "base/result.h"

namespace eider::query {

// The time between two runs of a subscription, as clients write it: "10s", "1m30s", "PT1M30S", "1 minute 30 seconds",
// "00:01:30", or a number of seconds ("90", "0.5"). Months and years are refused, as they have no fixed length. Fails
// with kBadInput, for the client.
Result<std::chrono::milliseconds> ParseRunInterval(std::string_view text);

}  // namespace eider::query
