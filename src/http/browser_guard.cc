#include "http/browser_guard.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace eider::http {
namespace {

// The host of `authority`, which may end with a port.
std::string_view HostOf(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(0, std::min(authority.find(']') + 1, authority.size()));
  return authority.substr(0, authority.find(':'));
}

// What follows the scheme of an origin.
std::string_view AuthorityOf(std::string_view origin) {
  const std::size_t slashes = origin.find("://");
  return slashes == std::string_view::npos ? std::string_view() : origin.substr(slashes + 3);
}

// True for hosts that no one else's name server can point at this machine.
bool IsLocalOrLiteral(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost") || host.starts_with('[')) return true;
  return host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

BrowserGuard::BrowserGuard(std::vector<std::string> allowed_origins, bool open)
    : allowed_origins_(std::move(allowed_origins)),
      open_(open) {}

bool BrowserGuard::IsAllowed(std::string_view origin) const {
  return std::ranges::any_of(allowed_origins_, [&](const std::string& one) { return one == "*" || one == origin; });
}

std::string_view BrowserGuard::Refusal(const Request& request) const {
  const std::string authority = LowerAscii(request.Header("host"));
  if (open_ && !authority.empty()) {
    const std::string_view host = HostOf(authority);
    const bool known = IsLocalOrLiteral(host) || std::ranges::any_of(allowed_origins_, [&](const std::string& origin) {
                         return HostOf(AuthorityOf(origin)) == host;
                       });
    if (!known) return "this node is not served under that host name; CORS_ALLOWED_ORIGINS may name it";
  }
  const std::string_view origin = request.Header("origin");
  if (origin.empty() || IsAllowed(origin)) return {};
  if (AuthorityOf(LowerAscii(origin)) == authority) return {};
  return "pages of that origin may not use this node; CORS_ALLOWED_ORIGINS may name it";
}

void BrowserGuard::AppendHeaders(const Request& request, std::string& headers) const {
  const std::string_view origin = request.Header("origin");
  if (origin.empty() || !IsAllowed(origin)) return;
  headers.append("Access-Control-Allow-Origin: ").append(origin).append("\r\nVary: Origin\r\n");
  if (request.method != "OPTIONS") {
    headers.append("Access-Control-Expose-Headers: X-Eider-Request-Id, X-Eider-Error-Code\r\n");
    return;
  }
  headers.append("Access-Control-Allow-Methods: GET, POST\r\nAccess-Control-Max-Age: 3600\r\n");
  const std::string_view wanted = request.Header("access-control-request-headers");
  if (!wanted.empty()) headers.append("Access-Control-Allow-Headers: ").append(wanted).append("\r\n");
}

}  // namespace eider::http
