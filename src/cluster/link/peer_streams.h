#pragma once

#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "base/stop_token.h"
#include "cluster/link/peer_calls.h"
#include "fetch/answer_stream.h"
#include "observe/span.h"

namespace eider::cluster {

// A client's request that another node is to answer.
struct ForwardedRequest {
  std::string suffix;  // Behind the other node's base URL, such as "/ipc/query".
  std::string body;
  std::string on_behalf;             // Whose it is, as JSON.
  std::vector<std::string> headers;  // "Name: value".
  observe::TraceRef trace;           // What it is a part of; null = of no trace.
};

// Requests that are sent on to other nodes. Thread-safe.
class PeerStreams {
 public:
  virtual ~PeerStreams() = default;

  // Sends `request` to `peer` and hands its answer on as it comes; blocks. Whatever the other node has signed is an
  // answer. What is handed on may turn out to be somebody else's only at the end, and then this fails: the reader's
  // client must not take what it has for the whole. Fails as PeerCalls, and with what the reader failed with.
  virtual Status Forward(const PeerAddress& peer, const ForwardedRequest& request, fetch::AnswerReader& reader,
                         const Deadline& deadline, const StopToken& stop) = 0;
};

}  // namespace eider::cluster
