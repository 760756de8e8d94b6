#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace eider {

// The member `name` of an object; null when there is none, or when `value` is no object.
const rapidjson::Value* FindMember(const rapidjson::Value& value, std::string_view name);

// The text member `name` of an object, or an empty one.
std::string TextMember(const rapidjson::Value& object, std::string_view name);

// Whether the member `name` of an object is true.
bool FlagMember(const rapidjson::Value& object, std::string_view name);

// The whole number `name` of an object, or 0.
std::int64_t NumberMember(const rapidjson::Value& object, std::string_view name);

// A text as it is, any other value as JSON.
std::string PlainTextOf(const rapidjson::Value& value);

// `value` as JSON.
std::string JsonTextOf(const rapidjson::Value& value);

// `text` as a JSON string.
std::string JsonTextOf(std::string_view text);

}  // namespace eider
