#pragma once

#include <string>
#include <string_view>

namespace eider {

// A number with more digits than a double holds stands in a JSON document as a string: its text behind a byte that no
// valid UTF-8 text has. Whoever reads numbers of such a document asks here.
inline constexpr char kExactNumberMark = '\xFF';

// The digits of such a string; empty for any other.
inline std::string_view ExactNumber(std::string_view text) {
  return text.starts_with(kExactNumberMark) ? text.substr(1) : std::string_view();
}

// Whether the JSON number `text` has more significant digits than every double of that size keeps.
bool NeedsExactNumber(std::string_view text);

// The string for it.
std::string MarkedNumber(std::string_view text);

}  // namespace eider
