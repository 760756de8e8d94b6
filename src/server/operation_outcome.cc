#include "server/operation_outcome.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include "base/text.h"

namespace eider::server {
namespace {

const rapidjson::Value* Member(const rapidjson::Value* object, std::string_view name) {
  if (object == nullptr || !object->IsObject()) return nullptr;
  const rapidjson::Value key(rapidjson::StringRef(name.data(), name.size()));
  const auto found = object->FindMember(key);
  return found == object->MemberEnd() ? nullptr : &found->value;
}

std::string TextOf(const rapidjson::Value* value) {
  return value != nullptr && value->IsString() ? value->GetString() : "";
}

std::int64_t NumberOf(const rapidjson::Value* value) {
  return value != nullptr && value->IsInt64() ? value->GetInt64() : 0;
}

}  // namespace

std::string ToJson(const OperationOutcome& outcome) {
  std::string message;
  AppendJsonString(message, outcome.message);
  return fmt::format(R"({{"success":{},"message":{},"affected_rows":{},"last_id":{}}})", outcome.success, message,
                     outcome.affected_rows, outcome.last_id);
}

Result<OperationOutcome> ReadOutcome(std::string_view operation, const std::string& body, std::string_view module) {
  rapidjson::Document json;
  json.Parse(body.data(), body.size());
  if (json.HasParseError() || !json.IsObject()) return Error(ErrorCode::kInternal, "its answer cannot be read");
  if (const auto* errors = Member(&json, "errors"); errors != nullptr && errors->IsArray() && !errors->Empty()) {
    return Error(ErrorCode::kInternal, TextOf(Member(&(*errors)[0], "message")));
  }
  const rapidjson::Value* value = Member(&json, "data");
  for (const std::string_view name : {std::string_view("function"), std::string_view("core"), module, operation}) {
    value = Member(value, name);
  }
  if (value == nullptr || !value->IsObject()) return Error(ErrorCode::kInternal, "its answer is empty");
  const auto* success = Member(value, "success");
  OperationOutcome outcome;
  outcome.success = success != nullptr && success->IsBool() && success->GetBool();
  outcome.message = TextOf(Member(value, "message"));
  outcome.affected_rows = NumberOf(Member(value, "affected_rows"));
  outcome.last_id = NumberOf(Member(value, "last_id"));
  return outcome;
}

}  // namespace eider::server
