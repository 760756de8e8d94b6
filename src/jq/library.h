#pragma once

#include <cstddef>

#include "jq/parser.h"

namespace eider::jq {

// How much of its stack a run may use; the thread has a little more.
inline constexpr std::size_t kStackUse = std::size_t{192} << 20;
inline constexpr std::size_t kStackSize = std::size_t{200} << 20;

// The built-in functions that are written in jq. Parsed once.
const FunctionTable& Library();

}  // namespace eider::jq
