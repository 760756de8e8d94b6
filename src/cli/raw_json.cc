#include "cli/raw_json.h"

#include <algorithm>

namespace eider::cli {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";

// Behind the string that starts at `at`.
std::size_t SkipString(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

// Behind the value that starts at `at`.
std::size_t SkipValue(std::string_view text, std::size_t at) {
  int depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = SkipString(text, at);
    } else {
      if (c == '{' || c == '[') ++depth;
      if (depth == 0 && (c == ',' || c == '}' || c == ']')) return at;
      if (c == '}' || c == ']') --depth;
      ++at;
    }
    const bool closed = c == '"' || c == '}' || c == ']';
    if (depth == 0 && closed) return at;
  }
  return at;
}

std::size_t SkipSpaces(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(kSpaces, at), text.size());
}

}  // namespace

std::optional<std::string_view> RawMember(std::string_view object, std::string_view name) {
  std::size_t at = SkipSpaces(object, object.find('{') + 1);
  while (at < object.size() && object[at] == '"') {
    const std::size_t end = SkipString(object, at);
    const std::string_view key = object.substr(at + 1, end - at - 2);
    const std::size_t value = SkipSpaces(object, object.find(':', end) + 1);
    at = SkipValue(object, value);
    if (key == name) return object.substr(value, at - value);
    at = SkipSpaces(object, at);
    if (at < object.size() && object[at] == ',') at = SkipSpaces(object, at + 1);
  }
  return std::nullopt;
}

std::optional<std::string_view> FirstRawList(std::string_view value) {
  for (std::size_t at = 0; at < value.size();) {
    if (value[at] == '"') {
      at = SkipString(value, at);
      continue;
    }
    if (value[at] == '[') return value.substr(at, SkipValue(value, at) - at);
    ++at;
  }
  return std::nullopt;
}

std::vector<std::string_view> RawElements(std::string_view list) {
  std::vector<std::string_view> elements;
  std::size_t at = SkipSpaces(list, 1);
  while (at < list.size() && list[at] != ']') {
    const std::size_t end = SkipValue(list, at);
    const std::size_t last = list.find_last_not_of(kSpaces, end - 1);
    elements.push_back(list.substr(at, last + 1 - at));
    at = SkipSpaces(list, end);
    if (at < list.size() && list[at] == ',') at = SkipSpaces(list, at + 1);
  }
  return elements;
}

}  // namespace eider::cli
