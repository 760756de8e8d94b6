#pragma once

#include <string_view>

#include "base/error.h"

namespace eider::engine {

// Why a running statement was told to stop.
enum class StopCause { kNone, kDeadline, kCancelled, kMemory };

// The error a stopped statement ends with. REQUIRES: `cause` is not kNone.
Error StoppedError(StopCause cause);

// Turns DuckDB's error text into an Error: the code from its leading "Constraint Error: ", the message its first useful
// line without stack traces, statement text and secrets. An interrupt becomes the error of `cause`.
Error EngineError(std::string_view text, StopCause cause = StopCause::kNone);

}  // namespace eider::engine
