#pragma once

namespace eider::cli {

// What the process ends with; the same for every command, and documented by each --help.
enum ExitCode : int {
  kOk = 0,
  kGraphqlErrors = 1,  // The answer holds GraphQL errors.
  kUsage = 2,          // Arguments or configuration are wrong.
  kUnreachable = 3,    // A server, source, file or address cannot be reached, opened or bound.
  kBrokenAnswer = 4,   // The answer broke off, or is none.
};

inline constexpr char kExitCodeHelp[] =
    "Exit codes:\n"
    "  0  success\n"
    "  1  the answer holds GraphQL errors\n"
    "  2  arguments or configuration are wrong\n"
    "  3  a server, source, file or address cannot be reached, opened or bound\n"
    "  4  the answer broke off, or is none\n";

}  // namespace eider::cli
