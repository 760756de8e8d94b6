#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace eider::planner {

// `text` with every [$name] replaced by what `value` gives for the name. String literals and quoted identifiers are
// left alone, and a replacement is never read again.
std::string FillPlaceholders(std::string_view text, const std::function<std::string(std::string_view name)>& value);

}  // namespace eider::planner
