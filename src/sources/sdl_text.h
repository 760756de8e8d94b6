#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace eider::sources {

// `text` as a GraphQL string literal in plain double quotes.
std::string SdlString(std::string_view text);

// Names as a list of string literals: `["a", "b"]`.
std::string SdlStringList(const std::vector<std::string>& names);

// A description block of `indent` tabs in front of each line, or nothing for an empty text.
std::string SdlDescription(std::string_view text, int indent);

}  // namespace eider::sources
