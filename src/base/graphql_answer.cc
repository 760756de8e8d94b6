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

}  // namespace eider
