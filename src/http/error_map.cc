#include "http/error_map.h"

namespace eider::http {
namespace {

constexpr ErrorCode kCodes[] = {
    ErrorCode::kBadInput,        ErrorCode::kValidation,        ErrorCode::kNotFound,
    ErrorCode::kConstraint,      ErrorCode::kForbidden,         ErrorCode::kUnauthenticated,
    ErrorCode::kTimeout,         ErrorCode::kCancelled,         ErrorCode::kOverloaded,
    ErrorCode::kDraining,        ErrorCode::kMemoryLimit,       ErrorCode::kResultTooLarge,
    ErrorCode::kQueryTooComplex, ErrorCode::kSourceUnavailable, ErrorCode::kSchemaNotReady,
    ErrorCode::kCoreUnavailable, ErrorCode::kDiskFull,          ErrorCode::kInternal,
    ErrorCode::kRowLimit,        ErrorCode::kSourceCircuitOpen,
};

int GraphqlResponseStatus(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBadInput:
    case ErrorCode::kValidation:
    case ErrorCode::kNotFound:
    case ErrorCode::kConstraint:
    case ErrorCode::kMemoryLimit:
    case ErrorCode::kRowLimit:
    case ErrorCode::kResultTooLarge:
    case ErrorCode::kQueryTooComplex: return 400;
    case ErrorCode::kForbidden: return 403;
    case ErrorCode::kUnauthenticated: return 401;
    case ErrorCode::kTimeout: return 504;
    case ErrorCode::kCancelled:
    case ErrorCode::kOverloaded:
    case ErrorCode::kDraining:
    case ErrorCode::kSourceUnavailable:
    case ErrorCode::kSourceCircuitOpen:
    case ErrorCode::kSchemaNotReady:
    case ErrorCode::kCoreUnavailable: return 503;
    case ErrorCode::kDiskFull:
    case ErrorCode::kInternal: return 500;
  }
  return 500;
}

}  // namespace

int StatusOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBadInput: return 400;
    case ErrorCode::kUnauthenticated: return 401;
    case ErrorCode::kForbidden: return 403;
    case ErrorCode::kNotFound: return 404;
    case ErrorCode::kOverloaded:
    case ErrorCode::kDraining: return 503;
    case ErrorCode::kInternal: return 500;
    case ErrorCode::kValidation:
    case ErrorCode::kConstraint:
    case ErrorCode::kTimeout:
    case ErrorCode::kCancelled:
    case ErrorCode::kMemoryLimit:
    case ErrorCode::kRowLimit:
    case ErrorCode::kResultTooLarge:
    case ErrorCode::kQueryTooComplex:
    case ErrorCode::kSourceUnavailable:
    case ErrorCode::kSourceCircuitOpen:
    case ErrorCode::kSchemaNotReady:
    case ErrorCode::kCoreUnavailable:
    case ErrorCode::kDiskFull: return 200;
  }
  return 500;
}

int GraphqlResponseStatus(std::string_view code_name) {
  for (const ErrorCode code : kCodes) {
    if (ErrorCodeName(code) == code_name) return GraphqlResponseStatus(code);
  }
  return 400;
}

}  // namespace eider::http
