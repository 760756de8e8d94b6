#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/stop_token.h"
#include "cluster/link/peer_calls.h"
#include "cluster/membership.h"
#include "server/operation_outcome.h"

namespace eider::server {

struct RoundOptions {
  std::string self;                        // This node, which is not asked.
  std::chrono::milliseconds call_timeout;  // One call; a member that is not reached for so long is dead.
  std::chrono::milliseconds patience;      // For all members to be done.
  std::int64_t generation = 0;             // Of the source that it is about; zero = it is about none.
};

// Asks all live members to do something and waits until they have. Members that cannot be reached are asked again, and
// given up as soon as they are known to be dead: nobody waits the whole time for them. Made for one round.
class MemberRound {
 public:
  // What members have done so far, by what they have written down: success, or why it failed.
  using Progress = std::function<Result<std::map<std::string, Status>>()>;

  // What is referred to outlives the round.
  MemberRound(cluster::Membership& members, cluster::PeerCalls& peers, RoundOptions options)
      : members_(members),
        peers_(peers),
        options_(std::move(options)) {}

  // Calls everybody. Without `progress` whoever acknowledges the call has done it; with it, whoever has written so.
  // The outcome is that of the operation called `name`.
  OperationOutcome Run(std::string_view name, cluster::PeerCall call, const Progress& progress);

 private:
  using Clock = Deadline::Clock;
  struct Waiting {
    std::string url;
    bool is_starting = false;
    std::optional<Clock::time_point> refused_since;  // Nobody takes connections there.
    std::string last_error;                          // Of the last call; empty = it was answered.
  };

  bool Gather();
  void Ask(const cluster::PeerCall& call, bool is_done);
  void Hear(const std::string& node, const cluster::PeerCall& call, const Result<std::string>& answer, bool is_done)
      REQUIRES_LOCK(mutex_);
  void LookAtMembers();
  void LookAtProgress(const Progress& progress);
  void Done(const std::string& node, const Status& done) REQUIRES_LOCK(mutex_);
  bool IsOver();
  std::string NodesJson() REQUIRES_LOCK(mutex_);
  OperationOutcome Outcome(std::string_view name);

  cluster::Membership& members_;
  cluster::PeerCalls& peers_;
  const RoundOptions options_;
  StopSource stop_;
  Mutex mutex_;
  CondVar wake_;
  bool over_ GUARDED_BY(mutex_) = false;
  std::map<std::string, Waiting> waiting_ GUARDED_BY(mutex_);
  std::map<std::string, std::string> failed_ GUARDED_BY(mutex_);
  std::map<std::string, std::chrono::milliseconds> took_ GUARDED_BY(mutex_);  // Until it was done or given up.
  const Clock::time_point started_ = Clock::now();
  std::int64_t asked_ = 0;
};

}  // namespace eider::server
