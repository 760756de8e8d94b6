#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/command.h"

namespace eider::cli {

// A flag that a command takes.
struct Flag {
  std::string_view name;         // Without the dashes.
  std::string_view placeholder;  // Empty = a switch, whose value becomes "true".
  std::string_view help;
  std::string* value;  // Receives the text; outlives the call.
};

struct ReadFlags {
  Arguments positional;
  bool help = false;
};

// Reads `--name value`, `--name=value` and switches; "--" ends the flags. Fails with kBadInput naming the flag, with
// the one that may have been meant.
Result<ReadFlags> ReadFlagsOf(const Arguments& arguments, const std::vector<Flag>& flags);

// The flags as help text, one a line.
std::string FlagHelp(const std::vector<Flag>& flags);

}  // namespace eider::cli
