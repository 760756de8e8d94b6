#include "auth/fetch.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/text.h"

namespace eider::auth {
namespace {

constexpr std::size_t kLargest = 1 << 20;

std::optional<std::chrono::seconds> MaxAge(std::string_view cache_control) {
  const std::string text = LowerAscii(cache_control);
  if (text.find("no-store") != std::string::npos || text.find("no-cache") != std::string::npos) {
    return std::chrono::seconds(0);
  }
  constexpr std::string_view kMaxAge = "max-age=";
  const std::size_t at = text.find(kMaxAge);
  if (at == std::string::npos) return std::nullopt;
  std::int64_t seconds = 0;
  std::from_chars(text.data() + at + kMaxAge.size(), text.data() + text.size(), seconds);
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, 86'400));
}

}  // namespace

Result<Document> FetchDocument(fetch::HttpClient& client, const DocumentRequest& request) {
  fetch::PeerOptions options;
  options.connect_timeout = request.timeout;
  options.timeout = request.timeout;
  options.retries = 0;
  options.max_redirects = 0;
  options.max_bytes = kLargest;
  options.tls_insecure = request.tls_insecure;
  fetch::Request get{.url = request.url, .headers = {"Accept: application/json"}};
  if (!request.bearer.empty()) get.headers.push_back("Authorization: Bearer " + request.bearer);
  EIDER_ASSIGN_OR_RETURN(fetch::Response answer, client.Send(std::make_shared<fetch::Peer>(options), std::move(get),
                                                             Deadline::After(request.timeout), StopToken()));
  return Document{answer.status, std::move(answer.body), MaxAge(answer.Header("cache-control"))};
}

}  // namespace eider::auth
