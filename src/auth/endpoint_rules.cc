#include "auth/role_directory.h"

#include "base/encoding.h"

namespace eider::auth {
namespace {

// Whether `prefix` covers `path`: equal, or followed by "/".
bool Covers(std::string_view prefix, std::string_view path) {
  if (prefix == "/") return path.starts_with('/');
  while (prefix.size() > 1 && prefix.ends_with('/')) prefix.remove_suffix(1);
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

}  // namespace

std::string NormalisePath(std::string_view path) {
  const std::string decoded = UnescapePercent(path);
  std::vector<std::string_view> parts;
  std::size_t at = 0;
  while (at <= decoded.size()) {
    const std::size_t end = std::min(decoded.find('/', at), decoded.size());
    const std::string_view part = std::string_view(decoded).substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (!parts.empty()) {
      parts.pop_back();
    }
  }
  std::string out;
  for (const std::string_view part : parts) out.append("/").append(part);
  return out.empty() ? "/" : out;
}

bool IsEndpointAllowed(const std::vector<EndpointRule>& rules, std::string_view endpoint) {
  const EndpointRule* best = nullptr;
  for (const EndpointRule& rule : rules) {
    const bool any = rule.prefix == "*";
    if (!any && !Covers(rule.prefix, endpoint)) continue;
    const bool better = best == nullptr || best->prefix == "*" || (!any && rule.prefix.size() > best->prefix.size());
    if (better) best = &rule;
  }
  return best == nullptr || !best->disabled;
}

}  // namespace eider::auth
