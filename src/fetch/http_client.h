#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "base/stop_token.h"
#include "fetch/peer.h"

namespace eider::fetch {

struct Request {
  std::string method = "GET";             // GET, HEAD, POST, PUT, PATCH or DELETE.
  std::string url;                        // Absolute.
  std::vector<std::string> headers = {};  // "Name: value", without line ends.
  std::string body = {};                  // Sent unless the method is GET or HEAD.

  // Whether sending it twice is the same as once.
  bool changes_nothing() const { return method == "GET" || method == "HEAD"; }
};

struct Response {
  int status = 0;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};  // Names in small letters.

  // The value of the first header of that name; empty when there is none. `lower_name` is in small letters.
  std::string_view Header(std::string_view lower_name) const {
    for (const auto& [name, value] : headers) {
      if (name == lower_name) return value;
    }
    return {};
  }
};

class TransferLoop;

// Sends requests over kept connections, all on one thread of its own, which sleeps while there is none. HTTP/2 is
// used where a server offers it; proxies of the environment are not. All methods may be called from any thread.
class HttpClient {
 public:
  HttpClient();
  // Breaks off what is under way.
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Sends all of `requests`, as many at once as `peer` allows, and waits for their answers, in order. Any status is an
  // answer. After the first failure nothing further is sent, and what was not answered fails like it. Failures are
  // kSourceUnavailable, telling URL (without secrets) and reason; kTimeout at the deadline, kCancelled when stopped.
  std::vector<Result<Response>> SendAll(const std::shared_ptr<Peer>& peer, std::vector<Request> requests,
                                        const Deadline& deadline, const StopToken& stop);

  // The same for one.
  Result<Response> Send(const std::shared_ptr<Peer>& peer, Request request, const Deadline& deadline,
                        const StopToken& stop);

 private:
  const std::shared_ptr<TransferLoop> loop_;
  std::thread thread_;
};

}  // namespace eider::fetch
