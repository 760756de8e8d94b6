#include "auth/credentials.h"

#include "base/text.h"

namespace eider::auth {
namespace {

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

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
