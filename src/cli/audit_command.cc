#include <cstdio>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/flag_reader.h"
#include "observe/audit_file.h"

namespace eider::cli {
namespace {

constexpr int kBrokenChain = 1;
constexpr char kExitHelp[] =
    "Exit codes:\n"
    "  0  every line is as it was written\n"
    "  1  a line is not\n"
    "  2  arguments are wrong\n"
    "  3  a file cannot be read\n";

}  // namespace

int RunAuditVerify(const Arguments& arguments) {
  const auto read = ReadFlagsOf(arguments, {});
  if (!read || (!read->help && read->positional.empty())) {
    const std::string why = read ? "name the files of the audit log, the oldest first" : read.error().message;
    std::fprintf(stderr, "eider audit verify: %s\n", why.c_str());
    return kUsage;
  }
  if (read->help) {
    std::printf(
        "Checks that no line of an audit log was changed, removed or added since it was written with AUDIT_CHAIN, and\n"
        "tells the first that does not follow from the one before it. Files that were rotated are given in the order\n"
        "of their names' times, the present one last.\n\nUsage: eider audit verify FILE...\n\n%s",
        kExitHelp);
    return kOk;
  }
  const auto verdict = observe::VerifyAuditFiles(read->positional);
  if (!verdict) {
    std::fprintf(stderr, "eider audit verify: %s\n", verdict.error().message.c_str());
    return kUnreachable;
  }
  if (!verdict->problem.empty()) {
    std::fprintf(stderr, "%s\n", verdict->problem.c_str());
    return kBrokenChain;
  }
  std::printf("%llu lines in order%s\n", static_cast<unsigned long long>(verdict->lines),
              verdict->from_start ? "" : "; the first one follows a line of an earlier file");
  return kOk;
}

}  // namespace eider::cli
