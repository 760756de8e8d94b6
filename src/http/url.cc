#include "http/url.h"

#include "base/encoding.h"

namespace eider::http {
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      out.push_back(' ');
    } else if (text[i] != '%') {
      out.push_back(text[i]);
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = HexDigit(text[i + 1]);
      const int low = HexDigit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  return out;
}

bool TakeParameter(std::string_view& query_string, std::string_view& name, std::string_view& value) {
  while (query_string.starts_with('&')) query_string.remove_prefix(1);
  if (query_string.empty()) return false;
  const std::string_view part = query_string.substr(0, query_string.find('&'));
  query_string.remove_prefix(part.size());
  const std::size_t sign = part.find('=');
  name = part.substr(0, sign);
  value = sign == std::string_view::npos ? std::string_view() : part.substr(sign + 1);
  return true;
}

}  // namespace eider::http
