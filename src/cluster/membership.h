#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "cluster/core_store.h"
#include "cluster/link/peer_calls.h"

namespace eider::cluster {

// The channel on which nodes hear that they should look at their own state.
inline constexpr std::string_view kMembersChannel = "eider_nodes";

// What a node tells of itself with each heartbeat.
struct MemberReport {
  std::string status = "starting";  // starting, up, degraded or draining.
  bool ready = false;
  std::string error;  // Of the last operation that failed; empty = healthy.
  std::int64_t schema_version = 0;
  std::int64_t permission_version = 0;
  std::int64_t epoch = 0;
  std::string load = "{}";  // JSON.
};

struct MembershipOptions {
  std::string name;
  std::string url;
  std::string role;  // management or worker.
  std::string version;
  std::string incarnation;
  std::chrono::milliseconds heartbeat{30'000};
  std::chrono::milliseconds ghost_ttl{120'000};
  std::chrono::milliseconds check_interval{10'000};
  std::chrono::milliseconds call_timeout{5'000};
  std::function<MemberReport()> report;
  // The lease of this node while it leads.
  std::function<std::optional<LeaseToken>()> lease;
  // Whether others should hear of this node, and it of them, more often than usual; empty = never.
  std::function<bool()> is_hurried = {};
  std::function<void(std::string_view)> warn;
  std::function<void(std::chrono::microseconds)> measured = {};  // Told how far the database's clock is ahead.
  // Told how long each heartbeat took and whether it was written down.
  std::function<void(std::chrono::nanoseconds, bool)> on_heartbeat = {};
  std::function<void(const std::string& node)> on_silence = {};  // Told of each member that does not answer.
};

// A row of `cluster_nodes`.
struct MemberRow {
  std::string name;
  std::string url;
  std::string role;
  std::string status;
  std::string incarnation;
  bool ready = false;
  bool is_late = false;        // It should have told that it lives.
  bool is_overloaded = false;  // It says so.
};

// Keeps this node's row in the table of members, and, while it leads, the table clean: silent nodes are forgotten,
// those that do not answer are marked. Thread-safe; owned by the node.
class Membership {
 public:
  // `peers` may be null: then nobody is asked. Both outlive this.
  Membership(CoreStore& store, PeerCalls* peers, MembershipOptions options);
  ~Membership();
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;

  // Enters this node, in the place of a process of the same name that does not answer; is a duplicate otherwise. Then
  // begins to tell that it lives. Fails with kCoreUnavailable when it `must` be entered at once.
  Status Start(bool must = true);

  // Ends to tell anything, without removing the row; waits for what is under way.
  void Stop();

  // Tells the present state at once.
  void Nudge();

  // Ends to tell anything and removes the row, at the end.
  void Leave();

  // Another live process has this name.
  bool is_duplicate() const { return duplicate_; }

  // An administrator has taken this node out of service.
  bool is_drained() const { return drained_; }

  // Takes a node out of service, or puts it into service again, also when it is not there now; tells all nodes. Fails
  // as a leader's transaction does.
  Status SetDrained(const std::string& node, bool drained, const LeaseToken& lease);

  // How far the database's clock is ahead.
  std::chrono::microseconds clock_offset() const { return clock_offset_.load(); }

  // Forgets another node. Fails with kConstraint for a live one, kNotFound, or as a leader's transaction does.
  Status Remove(const std::string& node, const LeaseToken& lease);

  // All members.
  Result<std::vector<MemberRow>> Members();
  // All members as of the last heartbeat.
  std::vector<MemberRow> KnownMembers() const;

 private:
  Status Register();
  Result<bool> IsTaken();
  Status Heartbeat();
  Status TimedHeartbeat();
  Status ReadDrained();
  Status Write(bool take_over, std::int64_t& written);
  void Run();
  void Clean();
  void Probe(const StopToken& stop);
  void RunProbes();
  Status Mark(const std::string& node, bool reachable);

  CoreStore& store_;
  PeerCalls* const peers_;
  const MembershipOptions options_;
  const Deadline::Clock::time_point started_ = Deadline::Clock::now();
  std::atomic<bool> duplicate_ = false;
  bool is_entered_ = false;  // Of Start(), then of the heartbeat's thread.
  std::atomic<bool> drained_ = false;
  std::atomic<std::chrono::microseconds> clock_offset_{std::chrono::microseconds(0)};
  StopSource stop_;
  mutable Mutex mutex_;
  CondVar wake_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  bool nudged_ GUARDED_BY(mutex_) = false;
  std::vector<MemberRow> known_ GUARDED_BY(mutex_);
  Deadline::Clock::time_point clean_after_ = Deadline::Clock::time_point::min();  // Of the heartbeat's thread.
  std::map<std::string, int> failed_probes_;                                      // Of the probes' thread.
  std::thread heartbeat_;
  std::thread probes_;
};

}  // namespace eider::cluster
