#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "async/blocking_pool.h"
#include "base/stop_token.h"
#include "cluster/link/peer_streams.h"
#include "http/run.h"

namespace eider::http {

// Where a node is, if it is one.
struct NodePlace {
  enum class State { kUnknown, kDead, kLive };
  State state = State::kUnknown;
  cluster::PeerAddress address;
};

// What requests for other nodes need; outlives them.
struct RemoteEnvironment {
  cluster::PeerStreams* streams = nullptr;
  std::function<NodePlace(const std::string& name)> find_node;  // May block for some seconds.
  async::BlockingPool* pool = nullptr;
  std::size_t max_queued = 1000;
  bool forwards = false;  // Else the client is told that this is not the node.
};

// A request that another node is to answer: sends it there and hands the answer on as it comes. At most one hop: the
// other node is not asked to send it on.
class RemoteRun final : public AnswerRun,
                        public async::Task,
                        public std::enable_shared_from_this<RemoteRun>,
                        private fetch::AnswerReader {
 public:
  RemoteRun(const RemoteEnvironment& environment, std::string target, cluster::ForwardedRequest request,
            BodyStream::Options stream);

  void Start() override;
  void Cancel() override;
  BodyStream& stream() override { return stream_; }
  const Response* head() const override { return head_ ? &*head_ : nullptr; }
  const query::ExecutionStats& stats() const override { return stats_; }

  // Does it, on a pool's thread.
  void Run() override;

 private:
  void OnSending() override { is_sent_ = true; }
  Status OnHead(const fetch::Response& head) override;
  Status OnBody(std::string_view bytes) override { return stream_.Write(bytes); }

  void Forward();
  void Fail(const Error& error);
  void Answer(Response response);

  const RemoteEnvironment& environment_;
  const std::string target_;
  const cluster::ForwardedRequest request_;
  const Deadline deadline_;
  StopSource stop_;
  BodyStream stream_;
  std::optional<Response> head_;
  query::ExecutionStats stats_;
  bool is_sent_ = false;             // The other node may have begun with it.
  std::shared_ptr<RemoteRun> self_;  // Set while somebody works on it or will.
};

}  // namespace eider::http
