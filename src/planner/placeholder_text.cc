#include "planner/placeholder_text.h"

namespace eider::planner {

std::string FillPlaceholders(std::string_view text, const std::function<std::string(std::string_view name)>& value) {
  std::string out;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const std::size_t close =
        quote == 0 && text.substr(i).starts_with("[$") ? text.find(']', i) : std::string_view::npos;
    if (close != std::string_view::npos) {
      out.append(value(text.substr(i + 2, close - i - 2)));
      i = close;
      continue;
    }
    if (quote == c) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    }
    out.push_back(c);
  }
  return out;
}

}  // namespace eider::planner
