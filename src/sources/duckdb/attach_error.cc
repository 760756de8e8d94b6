#include "sources/duckdb/attach_error.h"

#include <string_view>

namespace eider::sources {
namespace {

bool Says(const Error& cause, std::string_view words) { return cause.message.find(words) != std::string::npos; }

// " (PID 123)" out of the engine's words about a lock.
std::string LockHolder(const std::string& message) {
  const std::size_t open = message.find("(PID ");
  const std::size_t close = message.find(')', open);
  return close == std::string::npos ? "" : " " + message.substr(open, close - open + 1);
}

}  // namespace

Error AttachError(const std::string& path, const Error& cause) {
  if (Says(cause, "Conflicting lock is held") || Says(cause, "Could not set lock on file")) {
    return Error(ErrorCode::kSourceUnavailable,
                 "database file is locked by another process" + LockHolder(cause.message) + ": " + path);
  }
  if (Says(cause, "not a valid DuckDB database file")) {
    return Error(ErrorCode::kSourceUnavailable, "not a DuckDB database file: " + path);
  }
  if (Says(cause, "Is a directory")) {
    return Error(ErrorCode::kSourceUnavailable, "is a folder, not a DuckDB database file: " + path);
  }
  if (Says(cause, "No space left on device")) {
    return Error(ErrorCode::kDiskFull, "no space left on the disk of " + path);
  }
  if (Says(cause, "Permission denied")) {
    return Error(ErrorCode::kSourceUnavailable, "no permission to open " + path);
  }
  return Error(ErrorCode::kSourceUnavailable, "cannot open " + path + ": " + cause.message);
}

}  // namespace eider::sources
