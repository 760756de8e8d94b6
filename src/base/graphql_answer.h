#pragma once

#include <rapidjson/document.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace eider {

// What an answer of GraphQL's form tells of an error; empty what it does not tell.
struct AnswerError {
  std::string message;
  std::string code;  // Of its extensions.
};

// The first error of an answer; nothing when it has none.
std::optional<AnswerError> FirstErrorOf(const rapidjson::Value& answer);

// The value that a chain of fields leads to in an answer's data; null when there is none.
const rapidjson::Value* DataAt(const rapidjson::Document& answer, std::initializer_list<std::string_view> fields);

}  // namespace eider
