#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eider {

// What went wrong, as a front end needs it. Each front end maps a code to its own protocol in one switch.
enum class ErrorCode {
  kBadInput,           // The request is malformed or a value does not fit.
  kValidation,         // The document does not fit the schema.
  kNotFound,           // The named thing does not exist.
  kConstraint,         // A key, uniqueness or not-null rule refused the write.
  kForbidden,          // The identity may not do this.
  kUnauthenticated,    // Credentials are absent or rejected.
  kTimeout,            // The deadline of the request passed.
  kCancelled,          // The caller went away or the query was killed.
  kOverloaded,         // Admission refused the work.
  kDraining,           // The node is stopping.
  kMemoryLimit,        // The memory limit was reached and spilling did not help.
  kRowLimit,           // The result has more rows than the role may have.
  kResultTooLarge,     // The result has more bytes than it may have.
  kQueryTooComplex,    // Depth, size or cost limit.
  kSourceUnavailable,  // A data source cannot be reached or opened.
  kSourceCircuitOpen,  // The same, known from calls before: it was not tried.
  kSchemaNotReady,     // No schema is served yet.
  kCoreUnavailable,    // The core database cannot be used.
  kDiskFull,           // A write found no space.
  kInternal,           // A defect.
};

// Who caused it; decides log level, retry and what a client may see.
enum class ErrorSource { kUser, kInternal, kDependency };

// The upper-case wire name of a code, such as "BAD_INPUT".
std::string_view ErrorCodeName(ErrorCode code);

// The usual source of errors with this code.
ErrorSource DefaultSource(ErrorCode code);

// A failure as a value. `message` has static text first and values last; `notes` add context from outer layers.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  ErrorSource source = ErrorSource::kInternal;
  std::string message;
  std::vector<std::string> notes;
  std::string hidden;  // What only the audit log may tell, such as the object that was denied.

  Error() = default;
  Error(ErrorCode c, std::string text) : code(c), source(DefaultSource(c)), message(std::move(text)) {}
  Error(ErrorCode c, ErrorSource s, std::string text) : code(c), source(s), message(std::move(text)) {}

  // Appends a line of context and returns this error for chaining.
  Error&& Note(std::string note) && {
    notes.push_back(std::move(note));
    return std::move(*this);
  }

  // Keeps what clients must not learn and returns this error for chaining.
  Error&& Hide(std::string what) && {
    hidden = std::move(what);
    return std::move(*this);
  }

  // The message followed by its notes, for logs.
  std::string ToString() const;
};

}  // namespace eider
