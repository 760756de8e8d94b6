#include "config/dotenv.h"

#include <fmt/format.h>

#include <cctype>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/text.h"

namespace eider::config {
namespace {

std::string_view Trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  return text;
}

bool IsName(std::string_view text) {
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_') return false;
  }
  return !text.empty();
}

// A value without its quotes, or without the comment behind it.
std::string_view Unquote(std::string_view value) {
  if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front()) {
    return value.substr(1, value.size() - 2);
  }
  const std::size_t comment = value.find(" #");
  return Trim(value.substr(0, comment));
}

}  // namespace

Result<std::map<std::string, std::string>> ParseDotenv(std::string_view text) {
  std::map<std::string, std::string> values;
  int number = 0;
  for (const std::string_view raw : SplitText(text, '\n')) {
    ++number;
    std::string_view line = Trim(raw);
    if (line.empty() || line.front() == '#') continue;
    if (line.starts_with("export ")) line = Trim(line.substr(7));
    const std::size_t sign = line.find('=');
    const std::string_view name = Trim(line.substr(0, sign));
    if (sign == std::string_view::npos || !IsName(name)) {
      return Error(ErrorCode::kBadInput, fmt::format(".env:{}: must read NAME=value", number));
    }
    values[std::string(name)] = Unquote(Trim(line.substr(sign + 1)));
  }
  return values;
}

Result<std::map<std::string, std::string>> ReadDotenv(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::map<std::string, std::string>();
  return ParseDotenv(std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>()));
}

}  // namespace eider::config
