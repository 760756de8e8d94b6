#pragma once

#include <rapidjson/document.h>

#include <optional>
#include <string>

namespace eider {

// What an answer of GraphQL's form tells of an error; empty what it does not tell.
struct AnswerError {
  std::string message;
  std::string code;  // Of its extensions.
};

// The first error of an answer; nothing when it has none.
std::optional<AnswerError> FirstErrorOf(const rapidjson::Value& answer);

}  // namespace eider
