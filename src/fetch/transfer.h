#pragma once

#include <curl/curl.h>

#include <memory>
#include <optional>
#include <string>

#include "base/deadline.h"
#include "base/result.h"
#include "fetch/http_client.h"
#include "fetch/node_handle.h"

namespace eider::fetch {

struct Batch;

// One request on its way, with its tries and redirects. Belongs to the client's thread.
class Transfer {
 public:
  Transfer(std::shared_ptr<Batch> batch, std::size_t index, std::shared_ptr<Peer> peer, const Request& request);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  Batch& batch() const { return *batch_; }
  std::size_t index() const { return index_; }
  Peer& peer() const { return *peer_; }
  CURL* handle() const { return easy_; }

  // Makes the handle ready for the next try. The first one starts the clock.
  void Prepare(const Deadline& deadline);

  // What is to be done after a try that ended with `code`.
  struct Outcome {
    std::optional<Result<Response>> result;    // Done.
    std::chrono::milliseconds again_after{0};  // Else the next try, after this time.
  };
  Outcome Finish(CURLcode code);

 private:
  static std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* self);
  static int OnSend(void* self, char* ip, char* local_ip, int port, int local_port);
  static curl_socket_t OnSocket(void* self, curlsocktype purpose, curl_sockaddr* address);

  void SetLimits(const Deadline& deadline);
  void SetRequest();
  Outcome Failed(CURLcode code);
  Outcome Redirect(int status);
  // How long to wait before the next try, `asked` at least; nothing when there is none.
  std::optional<std::chrono::milliseconds> Backoff(std::chrono::milliseconds asked = std::chrono::milliseconds(0));
  Error Failure(const std::string& why) const;
  std::string Reason(CURLcode code) const;

  const std::shared_ptr<Batch> batch_;
  const std::size_t index_;
  const std::shared_ptr<Peer> peer_;
  const Request& request_;
  NodeHandle node_;  // Outlives `easy_`, which writes into it.
  CURL* easy_ = nullptr;
  curl_slist* headers_ = nullptr;
  std::string url_;
  std::optional<Deadline> ends_;
  bool ends_with_batch_ = false;  // `ends_` is the deadline of whoever waits.
  bool sent_ = false;             // In this try.
  Response response_;
  std::string location_;
  std::string problem_;  // Why our own callbacks broke the try off.
  int tries_ = 0;
  int redirects_ = 0;
};

}  // namespace eider::fetch
