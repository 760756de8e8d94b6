#include "base/graphql_answer.h"

#include "base/json.h"

namespace eider {

std::optional<AnswerError> FirstErrorOf(const rapidjson::Value& answer) {
  const rapidjson::Value* errors = FindMember(answer, "errors");
  if (errors == nullptr || !errors->IsArray() || errors->Empty()) return std::nullopt;
  const rapidjson::Value& first = (*errors)[0];
  AnswerError error{TextMember(first, "message"), {}};
  if (const rapidjson::Value* extensions = FindMember(first, "extensions"))
    error.code = TextMember(*extensions, "code");
  return error;
}

const rapidjson::Value* DataAt(const rapidjson::Document& answer, std::initializer_list<std::string_view> fields) {
  const rapidjson::Value* value = answer.HasParseError() ? nullptr : FindMember(answer, "data");
  for (const std::string_view field : fields) value = value == nullptr ? nullptr : FindMember(*value, field);
  return value;
}

}  // namespace eider
