#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "base/mutex.h"
#include "base/result.h"
#include "cluster/core_store.h"

namespace eider::cluster {

// Who leads, as it was read last.
struct LeaderView {
  std::int64_t epoch = 0;
  std::string node;
  std::string url;  // Empty = unknown.
  std::string incarnation;
  bool expired = true;  // Nobody leads.
};

struct LeaseOptions {
  std::string node;
  std::string incarnation;
  std::chrono::milliseconds ttl{15'000};
  std::chrono::milliseconds extra_wait{0};  // Of a worker, after the lease has expired.
  std::chrono::milliseconds look_every{700};
  // Whether this node may lead now; asked before it competes and while it leads.
  std::function<bool()> may_lead;
  // The last question before competing, such as whether a better node lives; may wait.
  std::function<bool()> should_lead = {};
  // Told when this node begins (true) or ends to lead, on the lease's thread.
  std::function<void(bool)> on_change = {};
};

// The lease by which one node leads the cluster. Only the database's clock decides who gets it; the holder believes in
// it until ttl - 20 % after it has sent the last renewal, by its own steady clock. Thread-safe; owned by the node.
class ManagementLease {
 public:
  ManagementLease(CoreStore& store, LeaseOptions options);
  ~ManagementLease();
  ManagementLease(const ManagementLease&) = delete;
  ManagementLease& operator=(const ManagementLease&) = delete;

  // Begins to look at the lease and to compete for it. Called once.
  void Start();
  // Ends that; what it asks is asked no more. The lease itself is not given back.
  void Stop();

  bool is_held() const { return token().has_value(); }
  // What the transactions of a leader need; nothing when this node does not lead.
  std::optional<LeaseToken> token() const;
  LeaderView view() const;
  // Of the latest leader that this node has heard of.
  std::int64_t highest_epoch() const;
  // How often that changed while this node looked.
  std::int64_t leader_changes() const;
  // How much longer the lease is believed in; zero when it is not held.
  std::chrono::milliseconds remaining() const;

  // Looks at the lease soon. Any thread.
  void Nudge();

  // Gives the lease back, so that another may lead at once, and does not compete for `pause`.
  void Release(std::chrono::milliseconds pause);

  // Hands the lease to a live node. Fails with kForbidden when it is not held here, kNotFound for an unknown node.
  Status HandTo(const std::string& node);

 private:
  void Run();
  std::chrono::milliseconds Step();
  Status Look();
  Status Renew();
  void Compete();
  bool MayCompete();
  void Lose();
  void Hear(std::int64_t epoch) REQUIRES_LOCK(mutex_);
  void Hold(std::int64_t epoch, Deadline::Clock::time_point sent);

  CoreStore& store_;
  const LeaseOptions options_;
  const std::string table_;
  std::atomic<Deadline::Clock::time_point> paused_until_{Deadline::Clock::time_point::min()};

  mutable Mutex mutex_;
  CondVar wake_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  bool nudged_ GUARDED_BY(mutex_) = false;
  LeaderView view_ GUARDED_BY(mutex_);
  std::optional<LeaseToken> token_ GUARDED_BY(mutex_);
  Deadline::Clock::time_point valid_until_ GUARDED_BY(mutex_);
  std::int64_t highest_epoch_ GUARDED_BY(mutex_) = 0;
  std::int64_t leader_changes_ GUARDED_BY(mutex_) = 0;
  std::optional<Deadline::Clock::time_point> expired_since_;  // Of the thread alone.
  bool told_ = false;
  std::thread thread_;
};

}  // namespace eider::cluster
