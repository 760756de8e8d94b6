#include "base/text.h"

#include <algorithm>
#include <cctype>

#include "base/secret_text.h"

namespace eider {
namespace {

std::string Quote(std::string_view text, char quote) {
  std::string out;
  out.reserve(text.size() + 2);
  out.push_back(quote);
  for (const char c : text) {
    if (c == quote) out.push_back(quote);
    out.push_back(c);
  }
  out.push_back(quote);
  return out;
}

// The end of a value that started at `from`: quoted with ' or running to a separator.
std::size_t ValueEnd(std::string_view text, std::size_t from) {
  if (from < text.size() && text[from] == '\'') {
    const std::size_t close = text.find('\'', from + 1);
    return close == std::string_view::npos ? text.size() : close + 1;
  }
  return std::min(text.find_first_of(" &;,\n\t\"'", from), text.size());
}

// Replaces the password in scheme://user:password@host.
std::string RedactUrls(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  while (true) {
    const std::size_t scheme = text.find("://", at);
    if (scheme == std::string_view::npos) break;
    const std::size_t start = scheme + 3;
    const std::size_t stop = std::min(text.find_first_of("/ \n\t\"'?", start), text.size());
    const std::size_t sign = text.substr(start, stop - start).rfind('@');
    const std::size_t colon = text.substr(start, stop - start).find(':');
    if (sign == std::string_view::npos || colon == std::string_view::npos || colon > sign) {
      out.append(text.substr(at, start - at));
      at = start;
      continue;
    }
    out.append(text.substr(at, start + colon + 1 - at)).append("***");
    at = start + sign;
  }
  out.append(text.substr(at));
  return out;
}

}  // namespace

std::string QuoteIdentifier(std::string_view text) { return Quote(text, '"'); }
std::string QuoteLiteral(std::string_view text) { return Quote(text, '\''); }

std::vector<std::string_view> SplitText(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  if (text.empty()) return parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

void AppendJsonString(std::string& out, std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  out.push_back('"');
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '"': out.append("\\\""); break;
      case '\\': out.append("\\\\"); break;
      case '\n': out.append("\\n"); break;
      case '\r': out.append("\\r"); break;
      case '\t': out.append("\\t"); break;
      case '\b': out.append("\\b"); break;
      case '\f': out.append("\\f"); break;
      default: out.append("\\u00").push_back(kHex[c >> 4]); out.push_back(kHex[c & 15]);
    }
  }
  out.append(text, plain, std::string_view::npos);
  out.push_back('"');
}

std::string LowerAscii(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string RedactSecrets(std::string_view text) {
  const std::string urls = RedactUrls(text);
  std::string out;
  std::size_t at = 0;
  while (at < urls.size()) {
    const std::size_t sign = urls.find('=', at);
    if (sign == std::string::npos) break;
    std::size_t name = sign;
    while (name > at && (std::isalnum(static_cast<unsigned char>(urls[name - 1])) != 0 || urls[name - 1] == '_' ||
                         urls[name - 1] == '-' || urls[name - 1] == '.')) {
      --name;
    }
    out.append(urls, at, sign + 1 - at);
    at = sign + 1;
    if (!IsSecretName(std::string_view(urls).substr(name, sign - name))) continue;
    const std::size_t end = ValueEnd(urls, at);
    if (end > at) out.append("***");
    at = end;
  }
  out.append(urls, at, std::string::npos);
  return out;
}

}  // namespace eider
