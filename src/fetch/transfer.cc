#include "fetch/transfer.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "base/random_time.h"
#include "base/text.h"
#include "fetch/address_guard.h"
#include "fetch/curl_handle.h"
#include "fetch/url.h"

namespace eider::fetch {
namespace {

constexpr std::chrono::milliseconds kFirstBackoff{100};
constexpr std::chrono::milliseconds kLongestBackoff{2000};

// Between half of `time` and all of it, so that many callers do not come back at one moment.
std::chrono::milliseconds Jittered(std::chrono::milliseconds time) { return RandomTime(time / 2, time); }

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// A server that asks for patience.
bool MayPass(int status) { return status == 429 || status == 502 || status == 503 || status == 504; }

bool MayPass(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_PARTIAL_FILE: return true;
    default: return false;
  }
}

std::string SizeText(std::size_t bytes) {
  return bytes >= (1U << 20) ? std::to_string(bytes >> 20) + " MB" : std::to_string(bytes) + " bytes";
}

}  // namespace

Transfer::Transfer(std::shared_ptr<Batch> batch, std::size_t index, std::shared_ptr<Peer> peer, const Request& request)
    : batch_(std::move(batch)),
      index_(index),
      peer_(std::move(peer)),
      request_(request),
      easy_(curl_easy_init()),
      url_(request.url) {
  for (const std::string& header : request_.headers) headers_ = curl_slist_append(headers_, header.c_str());
  headers_ = curl_slist_append(headers_, "Expect:");
}

Transfer::~Transfer() {
  curl_easy_cleanup(easy_);
  curl_slist_free_all(headers_);
}

std::size_t Transfer::OnBody(char* data, std::size_t size, std::size_t count, void* self) {
  auto* transfer = static_cast<Transfer*>(self);
  const std::size_t bytes = size * count;
  const std::size_t limit = transfer->peer_->options().max_bytes;
  if (transfer->response_.body.size() + bytes > limit) {
    transfer->problem_ = "the answer is larger than " + SizeText(limit);
    return 0;
  }
  transfer->response_.body.append(data, bytes);
  return bytes;
}

std::size_t Transfer::OnHeader(char* data, std::size_t size, std::size_t count, void* self) {
  auto* transfer = static_cast<Transfer*>(self);
  std::string_view line(data, size * count);
  // What came before, such as of "100 Continue", is not the answer.
  if (line.starts_with("HTTP/")) transfer->response_.headers.clear();
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size * count;
  std::string name = LowerAscii(line.substr(0, colon));
  line.remove_prefix(colon + 1);
  const std::size_t start = std::min(line.find_first_not_of(" \t"), line.size());
  const std::size_t end = line.find_last_not_of(" \t\r\n");
  std::string value = end == std::string_view::npos ? "" : std::string(line.substr(start, end + 1 - start));
  if (name == "location") transfer->location_ = value;
  transfer->response_.headers.emplace_back(std::move(name), std::move(value));
  return size * count;
}

// libcurl sends again by itself when a kept connection breaks, whatever the method is.
int Transfer::OnSend(void* self, char* /*ip*/, char* /*local_ip*/, int /*port*/, int /*local_port*/) {
  auto* transfer = static_cast<Transfer*>(self);
  transfer->problem_ = NodeHandle::Refusal(transfer->easy_, transfer->peer_->options().node);
  if (!transfer->problem_.empty()) return CURL_PREREQFUNC_ABORT;
  const bool is_repeated = std::exchange(transfer->sent_, true);
  if (!is_repeated || transfer->request_.changes_nothing()) return CURL_PREREQFUNC_OK;
  transfer->problem_ = "the server broke the connection";
  return CURL_PREREQFUNC_ABORT;
}

curl_socket_t Transfer::OnSocket(void* self, curlsocktype /*purpose*/, curl_sockaddr* address) {
  auto* transfer = static_cast<Transfer*>(self);
  if (!transfer->peer_->options().allow_link_local && IsLinkLocal(address->addr)) {
    transfer->problem_ = "its address is a link-local or metadata address, which is refused";
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void Transfer::Prepare(const Deadline& deadline) {
  if (!ends_) {
    const Deadline own = Deadline::After(peer_->options().timeout);
    ends_with_batch_ = deadline.at() <= own.at();
    ends_ = ends_with_batch_ ? deadline : own;
  }
  ++tries_;
  sent_ = false;
  response_ = {};
  location_.clear();
  problem_.clear();
  curl_easy_reset(easy_);
  SetRequest();
  SetLimits(*ends_);
}

void Transfer::SetRequest() {
  SetRequestOptions(easy_, request_, url_, headers_);
  curl_easy_setopt(easy_, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy_, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &Transfer::OnBody);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &Transfer::OnHeader);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
}

void Transfer::SetLimits(const Deadline& deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline.Remaining());
  curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, std::max(1L, static_cast<long>(left.count())));
  const auto connect = std::min(left, peer_->options().connect_timeout);
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, std::max(1L, static_cast<long>(connect.count())));
  if (peer_->options().tls_insecure) {
    curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (peer_->options().node.certificates != nullptr) node_.Set(easy_, peer_->options().node);
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETFUNCTION, &Transfer::OnSocket);
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(easy_, CURLOPT_PREREQFUNCTION, &Transfer::OnSend);
  curl_easy_setopt(easy_, CURLOPT_PREREQDATA, this);
}

Error Transfer::Failure(const std::string& why) const {
  return Error(ErrorCode::kSourceUnavailable, request_.method + " " + ShownUrl(url_) + " failed: " + why);
}

std::string Transfer::Reason(CURLcode code) const {
  if (!problem_.empty()) return problem_;
  if (peer_->options().node.certificates != nullptr) {
    if (std::string reason = node_.Reason(code); !reason.empty()) return reason;
  }
  const auto seconds = [](std::chrono::milliseconds time) {
    return time.count() % 1000 == 0 ? std::to_string(time.count() / 1000) + " s" : std::to_string(time.count()) + " ms";
  };
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT: {
      curl_off_t sent = 0;
      curl_easy_getinfo(easy_, CURLINFO_PRETRANSFER_TIME_T, &sent);
      if (sent == 0) {
        return "no connection within " + seconds(peer_->options().connect_timeout);
      }
      return "no complete answer within " + seconds(peer_->options().timeout);
    }
    case CURLE_COULDNT_CONNECT: return "the server takes no connections; is it running?";
    case CURLE_COULDNT_RESOLVE_HOST: return "the host's name is unknown";
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE: return "the server broke the connection";
    case CURLE_PEER_FAILED_VERIFICATION: return "the server's certificate is not trusted";
    default: return curl_easy_strerror(code);
  }
}

std::optional<std::chrono::milliseconds> Transfer::Backoff(std::chrono::milliseconds asked) {
  if (!request_.changes_nothing() || tries_ - redirects_ > peer_->options().retries) return std::nullopt;
  const int doubled = std::min(tries_ - 1, 10);
  const auto wait = std::max(asked, Jittered(std::min(kFirstBackoff * (1 << doubled), kLongestBackoff)));
  if (wait >= ends_->Remaining()) return std::nullopt;
  return wait;
}

Transfer::Outcome Transfer::Failed(CURLcode code) {
  if (problem_.empty() && MayPass(code)) {
    if (const auto wait = Backoff()) return {std::nullopt, *wait};
  }
  // libcurl counts whole milliseconds.
  if (ends_with_batch_ && ends_->Remaining() < std::chrono::milliseconds(20))
    return {Error(ErrorCode::kTimeout, "query timeout")};
  return {Failure(Reason(code))};
}

Transfer::Outcome Transfer::Redirect(int status) {
  if (peer_->options().max_redirects == 0) return {Failure("it redirects, and no redirect is followed here")};
  auto resolved = ResolveUrl(url_, location_);
  if (!resolved) return {Failure("it redirects to something that is no http or https URL")};
  const auto from = ParseUrl(url_);
  const auto to = ParseUrl(*resolved);
  if (!from || !to || from->origin() != to->origin()) {
    return {Failure("it redirects to another host: " + ShownUrl(*resolved) + " (status " + std::to_string(status) +
                    "); name that host in the data source's path if it is to be trusted")};
  }
  if (++redirects_ > peer_->options().max_redirects) {
    return {Failure("it redirects more than " + std::to_string(peer_->options().max_redirects) + " times")};
  }
  url_ = std::move(*resolved);
  return {};
}

Transfer::Outcome Transfer::Finish(CURLcode code) {
  if (code != CURLE_OK) return Failed(code);
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  if (request_.changes_nothing() && IsRedirect(response_.status) && !location_.empty()) {
    return Redirect(response_.status);
  }
  if (MayPass(response_.status)) {
    curl_off_t asked = 0;  // Seconds that the header Retry-After asks for.
    curl_easy_getinfo(easy_, CURLINFO_RETRY_AFTER, &asked);
    constexpr curl_off_t kLongest = 1'000'000;
    const std::chrono::seconds patience(std::clamp<curl_off_t>(asked, 0, kLongest));
    if (const auto wait = Backoff(patience)) return {std::nullopt, *wait};
  }
  const char* type = nullptr;
  curl_easy_getinfo(easy_, CURLINFO_CONTENT_TYPE, &type);
  if (type != nullptr) response_.content_type = type;
  return {std::move(response_)};
}

}  // namespace eider::fetch
