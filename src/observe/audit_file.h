#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "observe/audit_log.h"

namespace eider::observe {

// How audit records lie in files: one JSON object a line. With a chain every line begins with {"prev":"…", the SHA-256
// of the line before it without its line feed, across files; the very first has 64 zeros.

struct AuditFileOptions {
  std::string path;
  std::string node;
  bool chain = false;
  std::uint64_t max_bytes = std::uint64_t{100} << 20;  // A larger file is renamed to PATH.TIME before the next line.
};

// Appends to a file, which is opened at once and made when it is missing; each call is on disk when it returns. It may
// be a pipe that somebody reads, too. Fails with kBadInput when the file cannot be used.
Result<std::unique_ptr<AuditSink>> OpenAuditFile(AuditFileOptions options);

// Hands lines to a function, such as standard output's.
std::unique_ptr<AuditSink> MakeAuditLines(std::string node, std::function<void(std::string_view line)> take);

// What Verify found: how many lines are in order, and what is wrong with the first that is not.
struct AuditVerdict {
  std::uint64_t lines = 0;
  std::string problem;     // Empty = the chain is whole. Else "FILE:LINE: what is wrong".
  bool from_start = true;  // Whether the first line is the first of its chain.
};

// Checks the chain of the files in the order given. Fails with kNotFound for a file that cannot be read.
Result<AuditVerdict> VerifyAuditFiles(const std::vector<std::string>& paths);

}  // namespace eider::observe
