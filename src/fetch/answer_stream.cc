#include "fetch/answer_stream.h"

#include <curl/curl.h>

#include <algorithm>
#include <optional>
#include <stop_token>

#include "base/text.h"
#include "fetch/curl_handle.h"
#include "fetch/node_handle.h"
#include "fetch/url.h"

namespace eider::fetch {
namespace {

constexpr int kLongestSleepMs = 1000;

std::string_view Trimmed(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(" \t\r\n") + 1 - start);
}

// One exchange with its handles of libcurl.
class Exchange {
 public:
  Exchange(const Request& request, const StreamOptions& options, AnswerReader& reader)
      : request_(request),
        options_(options),
        reader_(reader),
        multi_(curl_multi_init()),
        easy_(curl_easy_init()) {
    for (const std::string& header : request.headers) headers_ = curl_slist_append(headers_, header.c_str());
    headers_ = curl_slist_append(headers_, "Expect:");
  }
  ~Exchange() {
    curl_multi_remove_handle(multi_, easy_);
    curl_easy_cleanup(easy_);
    curl_multi_cleanup(multi_);
    curl_slist_free_all(headers_);
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  Result<Trailers> Run(const Deadline& deadline, const StopToken& stop);

 private:
  static std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* self);
  static int OnSend(void* self, char* ip, char* local_ip, int port, int local_port);

  void SetOptions();
  void ReadHeader(std::string_view line);
  bool TellHead();
  Error Failure(const std::string& why) const;
  Result<Trailers> End(CURLcode code);

  const Request& request_;
  const StreamOptions& options_;
  AnswerReader& reader_;
  NodeHandle node_;
  CURLM* const multi_;
  CURL* const easy_;
  curl_slist* headers_ = nullptr;
  Response head_;
  bool has_head_ = false;  // The reader has it.
  Trailers trailers_;
  std::optional<Error> problem_;  // Of the reader.
  bool is_sending_ = false;
};

std::size_t Exchange::OnBody(char* data, std::size_t size, std::size_t count, void* self) {
  auto* exchange = static_cast<Exchange*>(self);
  if (!exchange->TellHead()) return 0;
  const Status taken = exchange->reader_.OnBody({data, size * count});
  if (taken) return size * count;
  exchange->problem_ = taken.error();
  return 0;
}

std::size_t Exchange::OnHeader(char* data, std::size_t size, std::size_t count, void* self) {
  static_cast<Exchange*>(self)->ReadHeader({data, size * count});
  return size * count;
}

int Exchange::OnSend(void* self, char* /*ip*/, char* /*local_ip*/, int /*port*/, int /*local_port*/) {
  auto* exchange = static_cast<Exchange*>(self);
  if (std::string refusal = NodeHandle::Refusal(exchange->easy_, exchange->options_.node); !refusal.empty()) {
    exchange->problem_ = exchange->Failure(refusal);
    return CURL_PREREQFUNC_ABORT;
  }
  // The library would send again by itself.
  if (std::exchange(exchange->is_sending_, true)) return CURL_PREREQFUNC_ABORT;
  exchange->reader_.OnSending();
  return CURL_PREREQFUNC_OK;
}

void Exchange::ReadHeader(std::string_view line) {
  // What came before, such as of "100 Continue", is not the answer.
  if (line.starts_with("HTTP/") && !has_head_) head_.headers.clear();
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  auto& headers = has_head_ ? trailers_ : head_.headers;
  headers.emplace_back(LowerAscii(line.substr(0, colon)), Trimmed(line.substr(colon + 1)));
}

bool Exchange::TellHead() {
  if (std::exchange(has_head_, true)) return !problem_;
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  head_.status = static_cast<int>(status);
  head_.content_type = head_.Header("content-type");
  const Status taken = reader_.OnHead(head_);
  if (!taken) problem_ = taken.error();
  return taken.has_value();
}

void Exchange::SetOptions() {
  SetRequestOptions(easy_, request_, request_.url, headers_);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &Exchange::OnBody);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &Exchange::OnHeader);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy_, CURLOPT_PREREQFUNCTION, &Exchange::OnSend);
  curl_easy_setopt(easy_, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
  curl_easy_setopt(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
  if (options_.node.certificates != nullptr) node_.Set(easy_, options_.node);
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
}

Error Exchange::Failure(const std::string& why) const {
  return Error(ErrorCode::kSourceUnavailable, request_.method + " " + ShownUrl(request_.url) + " failed: " + why);
}

Result<Trailers> Exchange::End(CURLcode code) {
  if (code == CURLE_OK && TellHead()) return std::move(trailers_);
  if (problem_) return std::move(*problem_);
  if (options_.node.certificates != nullptr) {
    if (const std::string reason = node_.Reason(code); !reason.empty()) return Failure(reason);
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return Failure("no connection within " + std::to_string(options_.connect_timeout.count()) + " ms");
  }
  if (code == CURLE_COULDNT_CONNECT) return Failure("the server takes no connections; is it running?");
  if (code == CURLE_COULDNT_RESOLVE_HOST) return Failure("the host's name is unknown");
  return Failure(is_sending_ ? "the server broke the connection" : curl_easy_strerror(code));
}

Result<Trailers> Exchange::Run(const Deadline& deadline, const StopToken& stop) {
  SetOptions();
  curl_multi_add_handle(multi_, easy_);
  const std::stop_callback on_stop(stop, [this] { curl_multi_wakeup(multi_); });
  int running = 1;
  while (true) {
    curl_multi_perform(multi_, &running);
    if (running == 0) break;
    if (stop.stop_requested()) return Error(ErrorCode::kCancelled, "query cancelled");
    if (deadline.Passed()) return Error(ErrorCode::kTimeout, "query timeout");
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline.Remaining()).count() + 1;
    curl_multi_poll(multi_, nullptr, 0, static_cast<int>(std::min<std::int64_t>(left, kLongestSleepMs)), nullptr);
  }
  int left = 0;
  const CURLMsg* message = curl_multi_info_read(multi_, &left);
  return End(message == nullptr ? CURLE_RECV_ERROR : message->data.result);
}

}  // namespace

Result<Trailers> StreamAnswer(const Request& request, const StreamOptions& options, AnswerReader& reader,
                              const Deadline& deadline, const StopToken& stop) {
  StartCurl();
  return Exchange(request, options, reader).Run(deadline, stop);
}

}  // namespace eider::fetch
