#include "sources/attached/connection_text.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace eider::sources {
namespace {

bool IsSpace(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void Add(ConnectionSettings& settings, std::string_view name, std::string_view encoded) {
  if (!encoded.empty()) settings.emplace_back(name, PercentDecoded(encoded));
}

// "host", "host:port" or "[::1]:port".
void AddHost(ConnectionSettings& settings, std::string_view text) {
  std::size_t colon = text.rfind(':');
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close != std::string_view::npos) {
      Add(settings, "host", text.substr(1, close - 1));
      if (text.substr(close + 1).starts_with(':')) Add(settings, "port", text.substr(close + 2));
      return;
    }
  }
  if (colon == std::string_view::npos) colon = text.size();
  Add(settings, "host", text.substr(0, colon));
  if (colon < text.size()) Add(settings, "port", text.substr(colon + 1));
}

ConnectionSettings ReadUrl(std::string_view text) {
  ConnectionSettings settings;
  text.remove_prefix(text.find("://") + 3);
  std::string_view query;
  // A password may hold a question mark: the query begins behind the path.
  const std::size_t at = text.substr(0, text.find('/')).rfind('@');
  if (at != std::string_view::npos) {
    const std::string_view user = text.substr(0, at);
    const std::size_t colon = user.find(':');
    Add(settings, "user", user.substr(0, colon));
    if (colon != std::string_view::npos) Add(settings, "password", user.substr(colon + 1));
    text.remove_prefix(at + 1);
  }
  if (const std::size_t mark = text.find('?'); mark != std::string_view::npos) {
    query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  const std::size_t slash = std::min(text.find('/'), text.size());
  AddHost(settings, text.substr(0, slash));
  if (slash < text.size()) Add(settings, "database", text.substr(slash + 1));
  for (const std::string_view pair : SplitText(query, '&')) {
    const std::size_t sign = std::min(pair.find('='), pair.size());
    if (sign > 0)
      settings.emplace_back(LowerAscii(pair.substr(0, sign)),
                            PercentDecoded(pair.substr(sign + 1 > pair.size() ? pair.size() : sign + 1)));
  }
  return settings;
}

// A value up to the next space, or a quoted one in which a backslash keeps the next character.
std::string TakeValue(std::string_view text, std::size_t& at) {
  std::string value;
  const char quote = at < text.size() && (text[at] == '\'' || text[at] == '"') ? text[at++] : '\0';
  while (at < text.size() && (quote == '\0' ? !IsSpace(text[at]) : text[at] != quote)) {
    if (text[at] == '\\' && at + 1 < text.size()) ++at;
    value.push_back(text[at++]);
  }
  if (quote != '\0') ++at;
  return value;
}

Result<ConnectionSettings> ReadPairs(std::string_view text) {
  ConnectionSettings settings;
  std::size_t at = 0;
  while (true) {
    while (at < text.size() && IsSpace(text[at])) ++at;
    if (at >= text.size()) return settings;
    const std::size_t sign = text.find('=', at);
    if (sign == std::string_view::npos) {
      return Error(ErrorCode::kBadInput, "the path is neither a URL nor a list of name=value");
    }
    std::string name = LowerAscii(text.substr(at, sign - at));
    while (!name.empty() && IsSpace(name.back())) name.pop_back();
    at = sign + 1;
    while (at < text.size() && IsSpace(text[at])) ++at;
    settings.emplace_back(std::move(name), TakeValue(text, at));
  }
}

}  // namespace

std::string PercentDecoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool encoded =
        text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 && HexDigit(text[i + 2]) >= 0;
    out.push_back(encoded ? static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2])) : text[i]);
    if (encoded) i += 2;
  }
  return out;
}

Result<ConnectionSettings> ReadConnectionText(std::string_view text) {
  if (text.find("://") < text.find('=')) return ReadUrl(text);
  return ReadPairs(text);
}

std::string FindSetting(const ConnectionSettings& settings, std::string_view name) {
  const auto found =
      std::find_if(settings.begin(), settings.end(), [&](const auto& pair) { return pair.first == name; });
  return found == settings.end() ? std::string() : found->second;
}

std::string TakeSetting(ConnectionSettings& settings, std::string_view name) {
  std::string value = FindSetting(settings, name);
  std::erase_if(settings, [&](const auto& pair) { return pair.first == name; });
  return value;
}

}  // namespace eider::sources
