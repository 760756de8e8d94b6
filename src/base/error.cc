#include "base/error.h"

namespace eider {

std::string_view ErrorCodeName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBadInput: return "BAD_INPUT";
    case ErrorCode::kValidation: return "VALIDATION";
    case ErrorCode::kNotFound: return "NOT_FOUND";
    case ErrorCode::kConstraint: return "CONSTRAINT";
    case ErrorCode::kForbidden: return "FORBIDDEN";
    case ErrorCode::kUnauthenticated: return "UNAUTHENTICATED";
    case ErrorCode::kTimeout: return "TIMEOUT";
    case ErrorCode::kCancelled: return "CANCELLED";
    case ErrorCode::kOverloaded: return "OVERLOADED";
    case ErrorCode::kDraining: return "DRAINING";
    case ErrorCode::kMemoryLimit: return "MEMORY_LIMIT";
    case ErrorCode::kRowLimit: return "ROW_LIMIT";
    case ErrorCode::kResultTooLarge: return "RESULT_TOO_LARGE";
    case ErrorCode::kQueryTooComplex: return "QUERY_TOO_COMPLEX";
    case ErrorCode::kSourceUnavailable: return "SOURCE_UNAVAILABLE";
    case ErrorCode::kSourceCircuitOpen: return "SOURCE_CIRCUIT_OPEN";
    case ErrorCode::kSchemaNotReady: return "SCHEMA_NOT_READY";
    case ErrorCode::kCoreUnavailable: return "CORE_UNAVAILABLE";
    case ErrorCode::kDiskFull: return "DISK_FULL";
    case ErrorCode::kInternal: return "INTERNAL";
  }
  return "INTERNAL";
}

ErrorSource DefaultSource(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBadInput:
    case ErrorCode::kValidation:
    case ErrorCode::kNotFound:
    case ErrorCode::kConstraint:
    case ErrorCode::kForbidden:
    case ErrorCode::kUnauthenticated:
    case ErrorCode::kCancelled:
    case ErrorCode::kRowLimit:
    case ErrorCode::kResultTooLarge:
    case ErrorCode::kQueryTooComplex: return ErrorSource::kUser;
    case ErrorCode::kTimeout:
    case ErrorCode::kOverloaded:
    case ErrorCode::kDraining:
    case ErrorCode::kMemoryLimit:
    case ErrorCode::kSchemaNotReady:
    case ErrorCode::kInternal: return ErrorSource::kInternal;
    case ErrorCode::kSourceUnavailable:
    case ErrorCode::kSourceCircuitOpen:
    case ErrorCode::kCoreUnavailable:
    case ErrorCode::kDiskFull: return ErrorSource::kDependency;
  }
  return ErrorSource::kInternal;
}

std::string Error::ToString() const {
  std::string text = message;
  for (const std::string& note : notes) text.append("; ").append(note);
  return text;
}

}  // namespace eider
