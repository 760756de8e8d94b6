#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace eider::config {

// Reads lines `NAME=value`, `export NAME="value"` and `# comment`. Fails with kBadInput and the line's number.
Result<std::map<std::string, std::string>> ParseDotenv(std::string_view text);

// Reads the file at `path`; a missing file is an empty one.
Result<std::map<std::string, std::string>> ReadDotenv(const std::string& path);

}  // namespace eider::config
