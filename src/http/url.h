#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace eider::http {

// `text` with %XX decoded and, in query strings, "+" as a blank. Empty when a "%" is followed by no two hex digits.
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_blank);

// Takes the next `name=value` off `query_string`; false at its end. Both views are still encoded.
bool TakeParameter(std::string_view& query_string, std::string_view& name, std::string_view& value);

}  // namespace eider::http
