#include "auth/fetch.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "base/text.h"

namespace eider::auth {
namespace {

constexpr long kMostRedirects = 3;

struct Receiver {
  std::string body;
  std::size_t max_bytes = 0;
  std::optional<std::chrono::seconds> max_age;
};

std::size_t TakeBody(char* data, std::size_t size, std::size_t count, void* user) {
  auto& receiver = *static_cast<Receiver*>(user);
  if (receiver.body.size() + size * count > receiver.max_bytes) return 0;
  receiver.body.append(data, size * count);
  return size * count;
}

std::size_t TakeHeader(char* data, std::size_t size, std::size_t count, void* user) {
  auto& receiver = *static_cast<Receiver*>(user);
  const std::string line = LowerAscii(std::string_view(data, size * count));
  // A redirect begins the headers anew.
  if (line.starts_with("http/")) receiver.max_age.reset();
  if (!line.starts_with("cache-control:")) return size * count;
  if (line.find("no-store") != std::string::npos || line.find("no-cache") != std::string::npos) {
    receiver.max_age = std::chrono::seconds(0);
  } else if (const std::size_t at = line.find("max-age="); at != std::string::npos) {
    std::int64_t seconds = 0;
    std::from_chars(line.data() + at + 8, line.data() + line.size(), seconds);
    receiver.max_age = std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, 86'400));
  }
  return size * count;
}

void Prepare(CURL* curl, const FetchRequest& request, Receiver& receiver, const curl_slist* headers) {
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, request.url.starts_with("https:") ? "https" : "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, request.bearer.empty() ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, kMostRedirects);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.timeout.count()));
  curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, TakeBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &receiver);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, TakeHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &receiver);
  if (request.tls_insecure) {
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
  }
}

}  // namespace

Result<FetchAnswer> Fetch(const FetchRequest& request) {
  static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
  if (kReady != CURLE_OK || curl == nullptr) return Error(ErrorCode::kInternal, "no HTTP client could be made");
  Receiver receiver;
  receiver.max_bytes = request.max_bytes;
  curl_slist* list = curl_slist_append(nullptr, "Accept: application/json");
  if (!request.bearer.empty()) list = curl_slist_append(list, ("Authorization: Bearer " + request.bearer).c_str());
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(list, curl_slist_free_all);
  Prepare(curl.get(), request, receiver, headers.get());
  const CURLcode code = curl_easy_perform(curl.get());
  if (code == CURLE_WRITE_ERROR) {
    return Error(ErrorCode::kSourceUnavailable, RedactSecrets(request.url) + " answers with too large a document");
  }
  if (code != CURLE_OK) {
    return Error(ErrorCode::kSourceUnavailable,
                 RedactSecrets(request.url) + " cannot be fetched: " + curl_easy_strerror(code));
  }
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  return FetchAnswer{static_cast<int>(status), std::move(receiver.body), receiver.max_age};
}

}  // namespace eider::auth
