#include "engine/engine_error.h"

#include <array>
#include <optional>
#include <string>

#include "base/text.h"

namespace eider::engine {
namespace {

struct Kind {
  std::string_view prefix;  // As DuckDB prints it before " Error: ".
  ErrorCode code;
};

constexpr std::array kKinds = {
    Kind{"Constraint", ErrorCode::kConstraint},
    Kind{"TransactionContext", ErrorCode::kConstraint},
    Kind{"Out of Memory", ErrorCode::kMemoryLimit},
    Kind{"IO", ErrorCode::kSourceUnavailable},
    Kind{"HTTP", ErrorCode::kSourceUnavailable},
    Kind{"Network", ErrorCode::kSourceUnavailable},
    Kind{"Connection", ErrorCode::kSourceUnavailable},
    Kind{"Missing Extension", ErrorCode::kSourceUnavailable},
    Kind{"Extension Autoloading", ErrorCode::kSourceUnavailable},
    Kind{"Permission", ErrorCode::kForbidden},
    Kind{"INTERRUPT", ErrorCode::kCancelled},
    Kind{"Conversion", ErrorCode::kBadInput},
    Kind{"Binder", ErrorCode::kBadInput},
    Kind{"Parser", ErrorCode::kBadInput},
    Kind{"Syntax", ErrorCode::kBadInput},
    Kind{"Catalog", ErrorCode::kBadInput},
    Kind{"Out of Range", ErrorCode::kBadInput},
    Kind{"Invalid Input", ErrorCode::kBadInput},
    Kind{"Invalid", ErrorCode::kBadInput},
    Kind{"Invalid type", ErrorCode::kBadInput},
    Kind{"Mismatch Type", ErrorCode::kBadInput},
    Kind{"Unknown Type", ErrorCode::kBadInput},
    Kind{"Decimal", ErrorCode::kBadInput},
    Kind{"Divide by Zero", ErrorCode::kBadInput},
    Kind{"Object Size", ErrorCode::kBadInput},
    Kind{"Not implemented", ErrorCode::kBadInput},
    Kind{"Expression", ErrorCode::kBadInput},
    Kind{"Planner", ErrorCode::kBadInput},
    Kind{"Parameter Not Resolved", ErrorCode::kBadInput},
    Kind{"Parameter Not Allowed", ErrorCode::kBadInput},
    Kind{"Dependency", ErrorCode::kBadInput},
    Kind{"Settings", ErrorCode::kBadInput},
    Kind{"Invalid Configuration", ErrorCode::kBadInput},
    Kind{"Sequence", ErrorCode::kBadInput},
};

constexpr std::string_view kSeparator = " Error: ";
// Of the extension azure, for a URL that no secret is for.
constexpr std::string_view kNoAzureSecret = "No valid Azure credentials found";

std::optional<ErrorCode> FindKind(std::string_view prefix) {
  for (const Kind& kind : kKinds) {
    if (kind.prefix == prefix) return kind.code;
  }
  return std::nullopt;
}

bool Contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// Some kinds say too little alone; the text tells the rest.
ErrorCode RefineCode(ErrorCode code, std::string_view text) {
  if (Contains(text, "No space left on device") || Contains(text, "max_temp_directory_size")) {
    return ErrorCode::kDiskFull;
  }
  if (Contains(text, "Current transaction is aborted") || Contains(text, "no transaction is active") ||
      Contains(text, "within a transaction")) {
    return ErrorCode::kBadInput;
  }
  if (text.starts_with(kNoAzureSecret)) return ErrorCode::kSourceUnavailable;
  if (code == ErrorCode::kBadInput && Contains(text, "read-only mode")) return ErrorCode::kForbidden;
  if (Contains(text, "Duplicate entry '") || Contains(text, "a foreign key constraint fails") ||
      Contains(text, "' cannot be null") || Contains(text, "' doesn't have a default value")) {
    return ErrorCode::kConstraint;
  }
  return code;
}

// What a server said, without the statement that the engine sent to it.
std::string_view ServersWords(std::string_view line) {
  if (!line.starts_with("Failed to run query \"") && !line.starts_with("Failed to prepare MySQL query \"")) return line;
  const std::size_t end = line.rfind("\": ");
  return end == std::string_view::npos ? line : line.substr(end + 3);
}

// What a server was made to say of a number that the engine cannot hold (planner/foreign_numbers.h), as it was told to
// say it; empty for all other texts.
std::string_view NumberProblem(std::string_view line) {
  constexpr std::string_view kBegin = "invalid input syntax for type numeric: \"field \"";
  const std::size_t begin = line.find(kBegin);
  const std::size_t end = line.rfind('"');
  if (begin == std::string_view::npos || end < begin + kBegin.size()) return {};
  const std::size_t field = begin + kBegin.find("field");
  return line.substr(field, end - field);
}

// The lines that explain, joined; those that quote the statement, list candidates or a stack are left out.
std::string UsefulText(std::string_view text) {
  std::string_view line = text.substr(0, text.find('\n'));
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
  // Where a source is reached is nobody's business; what is wrong stands behind it.
  constexpr std::string_view kAddress = "Unable to connect to Postgres at \"";
  const std::size_t close = line.starts_with(kAddress) ? line.find("\": ", kAddress.size()) : std::string_view::npos;
  if (close != std::string_view::npos) {
    return "cannot connect to PostgreSQL: " + RedactSecrets(line.substr(close + 3));
  }
  if (line.starts_with(kNoAzureSecret)) {
    return "no object storage of type azure is registered for this URL: register one whose scope it begins with";
  }
  if (const std::string_view problem = NumberProblem(line); !problem.empty()) return std::string(problem);
  return RedactSecrets(ServersWords(line));
}

}  // namespace

Error StoppedError(StopCause cause) {
  if (cause == StopCause::kDeadline) return Error(ErrorCode::kTimeout, "query timeout");
  if (cause == StopCause::kMemory) {
    return Error(ErrorCode::kMemoryLimit, "the query takes more memory than its role may have; filter, or select less");
  }
  return Error(ErrorCode::kCancelled, "query cancelled");
}

Error EngineError(std::string_view text, StopCause cause) {
  const std::size_t at = text.find(kSeparator);
  const std::string_view line = text.substr(0, text.find('\n'));
  std::optional<ErrorCode> code;
  std::string_view message = text;
  if (at != std::string_view::npos && at < line.size()) {
    code = FindKind(text.substr(0, at));
    message = text.substr(at + kSeparator.size());
  }
  if (code == ErrorCode::kCancelled || (cause != StopCause::kNone && Contains(line, "nterrupt"))) {
    return StoppedError(cause);
  }
  if (!NumberProblem(line).empty()) code = ErrorCode::kBadInput;
  const ErrorCode refined = RefineCode(code.value_or(ErrorCode::kInternal), message);
  return Error(refined, UsefulText(message));
}

}  // namespace eider::engine
