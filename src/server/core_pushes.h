#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/stop_token.h"
#include "cluster/link/peer_calls.h"
#include "cluster/store_call.h"

namespace eider::server {

// Tells the other members at once what the core database in this node's memory announces, as PostgreSQL does with
// NOTIFY. A member that does not hear it notices that with its next look. Owned by the node; thread-safe.
class CorePushes {
 public:
  // Who is told; asked before each round, on the thread of the pushes.
  using Members = std::function<std::vector<cluster::PeerAddress>()>;

  // `peers` outlives it.
  CorePushes(cluster::PeerCalls& peers, Members members, std::chrono::milliseconds call_timeout);
  // Gives up what was not told yet.
  ~CorePushes();
  CorePushes(const CorePushes&) = delete;
  CorePushes& operator=(const CorePushes&) = delete;

  // Takes the announcement at `position`; does not wait.
  void Add(const cluster::StorePosition& position, const cluster::CoreEvent& event);

 private:
  void Run();
  void Tell(const cluster::StoreNews& news);

  cluster::PeerCalls& peers_;
  const Members members_;
  const std::chrono::milliseconds call_timeout_;
  StopSource stop_;
  Mutex mutex_;
  CondVar wake_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  cluster::StoreNews news_ GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace eider::server
