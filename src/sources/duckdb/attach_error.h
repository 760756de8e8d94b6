#pragma once

#include <string>

#include "base/error.h"

namespace eider::sources {

// Turns the engine's error of opening `path` into one that says what to do: locked (with the holder's process), no
// DuckDB database, no space, not permitted, or the engine's own words.
Error AttachError(const std::string& path, const Error& cause);

}  // namespace eider::sources
