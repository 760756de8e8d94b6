#include "base/secret_text.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "base/text.h"

namespace eider {

bool IsSecretName(std::string_view name) {
  const std::string lower = LowerAscii(name);
  constexpr std::string_view kWords[] = {"key", "token", "secret", "password", "signature", "credential", "sas"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

namespace {

bool IsNamePart(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.'; }

// The password of the URL whose scheme ends at `colon`; an empty span when it has none.
SecretSpan UrlSecret(std::string_view text, std::size_t start) {
  // A password may hold "/" and "?" when it is not encoded: the last "@" before a blank or quote ends it.
  const std::size_t stop = std::min(text.find_first_of(" \n\t\"'", start), text.size());
  const std::string_view rest = text.substr(start, stop - start);
  const std::size_t host_end = std::min(rest.find_first_of("/?"), rest.size());
  std::size_t sign = rest.substr(0, host_end).rfind('@');
  const std::size_t colon = rest.find(':');
  if (sign == std::string_view::npos && colon != std::string_view::npos && colon < host_end) {
    // Digits after the colon are a port; anything else is a password with a "/" in it.
    const std::string_view after = rest.substr(colon + 1, host_end - colon - 1);
    const bool is_port = after.find_first_not_of("0123456789") == std::string_view::npos;
    if (!is_port) sign = rest.rfind('@');
  }
  if (sign == std::string_view::npos || colon == std::string_view::npos || colon >= sign) return {};
  return {start + colon + 1, start + sign, "url"};
}

// The value that starts at `from`: quoted, or up to a separator.
SecretSpan ValueAt(std::string_view text, std::size_t from) {
  if (from < text.size() && (text[from] == '\'' || text[from] == '"')) {
    std::size_t at = from + 1;
    while (at < text.size() && text[at] != text[from]) at += text[at] == '\\' ? 2 : 1;
    return {from, std::min(at + 1, text.size()), {}};
  }
  return {from, std::min(text.find_first_of(" &;,\n\t\"')", from), text.size()), {}};
}

}  // namespace

std::vector<SecretSpan> FindSecrets(std::string_view text) {
  std::vector<SecretSpan> spans;
  std::map<std::string, int> counts;
  const auto add = [&](SecretSpan span) {
    if (span.end <= span.begin) return;
    const int count = ++counts[span.label];
    if (count > 1) span.label.append("#").append(std::to_string(count));
    spans.push_back(std::move(span));
  };
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with("://")) {
      SecretSpan span = UrlSecret(text, at + 3);
      at = std::max(at + 3, span.end);
      add(std::move(span));
      continue;
    }
    if (text[at] != '=') {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end > 0 && text[end - 1] == ' ') --end;
    std::size_t begin = end;
    while (begin > 0 && IsNamePart(text[begin - 1])) --begin;
    const std::string_view name = text.substr(begin, end - begin);
    std::size_t value = at + 1;
    ++at;
    if (!IsSecretName(name)) continue;
    while (value < text.size() && text[value] == ' ') ++value;
    SecretSpan span = ValueAt(text, value);
    span.label = LowerAscii(name);
    at = std::max(at, span.end);
    add(std::move(span));
  }
  return spans;
}

Result<std::string> RestoreSecrets(std::string_view text, std::string_view known) {
  std::map<std::string, std::string_view> values;
  for (const SecretSpan& span : FindSecrets(known))
    values[span.label] = known.substr(span.begin, span.end - span.begin);
  std::string out;
  std::size_t done = 0;
  for (const SecretSpan& span : FindSecrets(text)) {
    if (text.substr(span.begin, span.end - span.begin) != kRedacted) continue;
    const auto value = values.find(span.label);
    if (value == values.end()) return Error(ErrorCode::kBadInput, "redacted value cannot be stored");
    out.append(text.substr(done, span.begin - done)).append(value->second);
    done = span.end;
  }
  return out.append(text.substr(done));
}

}  // namespace eider
