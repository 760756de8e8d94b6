#include "cli/http_client.h"

#include <curl/curl.h>

#include <memory>

namespace eider::cli {
namespace {

std::size_t Append(char* bytes, std::size_t size, std::size_t count, void* body) {
  static_cast<std::string*>(body)->append(bytes, size * count);
  return size * count;
}

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

Error Failure(const std::string& url, CURLcode code) {
  if (code == CURLE_OPERATION_TIMEDOUT) return Error(ErrorCode::kTimeout, "no answer in time from " + url);
  const bool never_connected = code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
                               code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
                               code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION;
  const std::string text = std::string(never_connected ? "cannot connect to " : "the answer broke off: ") + url + ": " +
                           curl_easy_strerror(code);
  return Error(never_connected ? ErrorCode::kSourceUnavailable : ErrorCode::kInternal, text);
}

// Sends `body`, or asks without one when it is null.
Result<HttpAnswer> Exchange(const std::string& url, const std::string* body, const std::vector<std::string>& headers,
                            long timeout_ms) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, EasyDeleter> handle(curl_easy_init());
  if (ready != CURLE_OK || !handle) return Error(ErrorCode::kInternal, "the HTTP client cannot be started");
  curl_slist* lines = curl_slist_append(curl_slist_append(nullptr, "Content-Type: application/json"), "Expect:");
  for (const std::string& header : headers) lines = curl_slist_append(lines, header.c_str());
  const std::unique_ptr<curl_slist, ListDeleter> owner(lines);
  HttpAnswer answer;
  CURL* curl = handle.get();
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, owner.get());
  if (body != nullptr) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->data());
  }
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, Append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 10L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
  const CURLcode code = curl_easy_perform(curl);
  if (code != CURLE_OK) return Failure(url, code);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

}  // namespace

Result<HttpAnswer> PostJson(const std::string& url, const std::string& body, const std::vector<std::string>& headers,
                            long timeout_ms) {
  return Exchange(url, &body, headers, timeout_ms);
}

Result<HttpAnswer> GetText(const std::string& url, const std::vector<std::string>& headers, long timeout_ms) {
  return Exchange(url, nullptr, headers, timeout_ms);
}

std::string QueryEndpoint(const std::string& url) {
  std::string endpoint = url.find("://") == std::string::npos ? "http://" + url : url;
  const std::size_t path = endpoint.find('/', endpoint.find("://") + 3);
  if (path == std::string::npos) return endpoint + "/query";
  if (path + 1 == endpoint.size()) return endpoint + "query";
  return endpoint;
}

}  // namespace eider::cli
