#pragma once

#include <rapidjson/document.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace eider::sources {

// Whether `text` is one JSON value that is not nested deeper than every reader behind this one takes.
Status CheckJson(std::string_view text);

// The text member `name` of an object, or an empty one.
std::string TextMember(const rapidjson::Value& object, std::string_view name);

// The member `name` of an object; null when there is none, or when `value` is no object.
const rapidjson::Value* FindMember(const rapidjson::Value& value, std::string_view name);

// `value` as JSON.
std::string JsonTextOf(const rapidjson::Value& value);

}  // namespace eider::sources
