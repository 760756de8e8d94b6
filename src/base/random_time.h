#pragma once

#include <chrono>

namespace eider {

// A time from `least` to `most`, so that many who wait for the same do not come back at one moment. Thread-safe.
std::chrono::milliseconds RandomTime(std::chrono::milliseconds least, std::chrono::milliseconds most);

}  // namespace eider
