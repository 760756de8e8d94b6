#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "base/stop_token.h"
#include "fetch/http_client.h"
#include "fetch/peer.h"

namespace eider::fetch {

// Takes an answer as it comes; called by the thread that waits for it. A failure breaks the exchange off.
class AnswerReader {
 public:
  virtual ~AnswerReader() = default;
  // The server is there, and begins to get the request.
  virtual void OnSending() = 0;
  // Once, before the body; `head` has no body.
  virtual Status OnHead(const Response& head) = 0;
  // The next bytes as they were sent, with any content coding; may block, which makes the server wait.
  virtual Status OnBody(std::string_view bytes) = 0;
};

struct StreamOptions {
  std::chrono::milliseconds connect_timeout{1000};
  NodeTls node = {};
};

// Headers behind the body; names in small letters.
using Trailers = std::vector<std::pair<std::string, std::string>>;

// Sends `request` and hands its answer to `reader`, on the calling thread, without redirects and without a second try.
// Fails with what the reader failed with; kSourceUnavailable, telling URL and reason, when the server is not there or
// breaks the connection before the end; kTimeout at the deadline and kCancelled when stopped, which ends the
// connection.
Result<Trailers> StreamAnswer(const Request& request, const StreamOptions& options, AnswerReader& reader,
                              const Deadline& deadline, const StopToken& stop);

}  // namespace eider::fetch
