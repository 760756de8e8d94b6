#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace eider::cli {

// Parts of JSON text, as they are written: no digit of a number is lost. REQUIRES: the text is valid JSON.

// The value of member `name` of an object.
std::optional<std::string_view> RawMember(std::string_view object, std::string_view name);

// The first list in a value, outermost first.
std::optional<std::string_view> FirstRawList(std::string_view value);

// The elements of a list.
std::vector<std::string_view> RawElements(std::string_view list);

}  // namespace eider::cli
