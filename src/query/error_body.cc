#include "query/error_body.h"

#include <rapidjson/document.h>

#include "base/json.h"
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
    case ErrorCode::kRowLimit:
    case ErrorCode::kResultTooLarge:
    case ErrorCode::kQueryTooComplex:
    case ErrorCode::kSourceUnavailable:
    case ErrorCode::kSourceCircuitOpen:
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
  // A refusal tells nothing about its reason.
  if (!error.has_position || error.error.code == ErrorCode::kForbidden) return ErrorBody(error.error);
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

std::string FullErrors(std::string body, std::string_view code, const RequestContext& context) {
  if (!context.full_errors) return body;
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(body.data(), body.size());
  if (document.HasParseError() || !document.IsObject() || !document.HasMember("errors")) return body;
  auto& allocator = document.GetAllocator();
  const auto text = [&](std::string_view value) {
    return rapidjson::Value(value.data(), static_cast<rapidjson::SizeType>(value.size()), allocator);
  };
  for (auto& error : document["errors"].GetArray()) {
    if (!error.HasMember("extensions"))
      error.AddMember("extensions", rapidjson::Value(rapidjson::kObjectType), allocator);
    auto& extensions = error["extensions"];
    if (!extensions.HasMember("code")) extensions.AddMember("code", text(code), allocator);
    extensions.AddMember("request_id", text(context.request_id), allocator);
  }
  return JsonTextOf(document);
}

std::string FullErrors(std::string body, ErrorCode code, const RequestContext& context) {
  return FullErrors(std::move(body), ErrorCodeName(code), context);
}

std::string MessageBody(std::string_view message) {
  std::string out = "{\"errors\":[{\"message\":";
  AppendJsonString(out, message);
  return out + "}]}";
}

}  // namespace eider::query
