#include "auth/credentials.h"

#include "base/text.h"

namespace eider::auth {
namespace {

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The bytes of the UTF-8 sequence at the beginning of `text`; 0 when there is none.
std::size_t SequenceSize(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return lead < 0x20 || lead == 0x7f ? 0 : 1;
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  const auto next = static_cast<unsigned char>(text[1]);
  // Overlong forms, surrogates, and what lies beyond Unicode.
  const bool bad = (lead == 0xe0 && next < 0xa0) || (lead == 0xed && next > 0x9f) || (lead == 0xf0 && next < 0x90) ||
                   (lead == 0xf4 && next > 0x8f);
  return bad ? 0 : size;
}

}  // namespace

bool IsCleanText(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = SequenceSize(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string_view Credentials::Authorization(std::string_view lower_scheme) const {
  const std::string_view header = Trim(Header("authorization"));
  if (header.size() <= lower_scheme.size() || header[lower_scheme.size()] != ' ') return {};
  if (LowerAscii(header.substr(0, lower_scheme.size())) != lower_scheme) return {};
  return Trim(header.substr(lower_scheme.size()));
}

std::string_view Credentials::Cookie(std::string_view name) const {
  if (name.empty()) return {};
  std::string_view rest = Header("cookie");
  while (!rest.empty()) {
    const std::size_t end = rest.find(';');
    const std::string_view pair = Trim(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    const std::size_t sign = pair.find('=');
    if (sign == std::string_view::npos || pair.substr(0, sign) != name) continue;
    std::string_view value = pair.substr(sign + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return value;
  }
  return {};
}

}  // namespace eider::auth
