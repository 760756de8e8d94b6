#include "query/error_body.h"

#include "base/text.h"

namespace eider::query {

bool ShowsCode(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBadInput:
    case ErrorCode::kValidation:
    case ErrorCode::kNotFound:
    case ErrorCode::kConstraint:
    case ErrorCode::kForbidden: return false;
    case ErrorCode::kUnauthenticated:
    case ErrorCode::kTimeout:
    case ErrorCode::kCancelled:
    case ErrorCode::kOverloaded:
    case ErrorCode::kDraining:
    case ErrorCode::kMemoryLimit:
    case ErrorCode::kResultTooLarge:
    case ErrorCode::kQueryTooComplex:
    case ErrorCode::kSourceUnavailable:
    case ErrorCode::kSchemaNotReady:
    case ErrorCode::kCoreUnavailable:
    case ErrorCode::kDiskFull:
    case ErrorCode::kInternal: return true;
  }
  return true;
}

namespace {

void AppendLocations(std::string& out, std::span<const graphql::Location> locations) {
  if (locations.empty()) return;
  out.append(",\"locations\":[");
  for (const graphql::Location& location : locations) {
    if (out.back() != '[') out.push_back(',');
    out.append("{\"line\":").append(std::to_string(location.line));
    out.append(",\"column\":").append(std::to_string(location.column)).append("}");
  }
  out.push_back(']');
}

std::string OneError(const Error& error, std::span<const graphql::Location> locations) {
  std::string out = "{\"errors\":[{\"message\":";
  AppendJsonString(out, RedactSecrets(error.ToString()));
  AppendLocations(out, locations);
  if (ShowsCode(error.code)) out.append(",\"extensions\":{\"code\":\"").append(ErrorCodeName(error.code)).append("\"}");
  return out + "}]}";
}

}  // namespace

std::string ErrorBody(const Error& error) { return OneError(error, {}); }

std::string PlanErrorBody(const planner::PlanError& error, const graphql::Document& document) {
  if (!error.has_position) return ErrorBody(error.error);
  const graphql::Location location = document.Locate(error.position);
  return OneError(error.error, std::span(&location, 1));
}

std::string GraphqlErrorsBody(std::span<const graphql::GraphqlError> errors) {
  std::string out = "{\"errors\":[";
  for (const graphql::GraphqlError& error : errors) {
    if (out.back() != '[') out.push_back(',');
    out.append("{\"message\":");
    AppendJsonString(out, error.message);
    AppendLocations(out, error.locations);
    out.push_back('}');
  }
  return out + "]}";
}

std::string MessageBody(std::string_view message) {
  std::string out = "{\"errors\":[{\"message\":";
  AppendJsonString(out, message);
  return out + "}]}";
}

}  // namespace eider::query
