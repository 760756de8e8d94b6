#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/deadline.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/stop_token.h"
#include "observe/audit_record.h"

namespace eider::observe {

// One place where records go. Called by one thread.
class AuditSink {
 public:
  virtual ~AuditSink() = default;
  // Writes all of `records`, or none when it fails; it is then called again with the same. Gives up after a second.
  virtual Status Write(std::span<const AuditRecord> records) = 0;
};

struct AuditOptions {
  bool reads = false;      // Whether queries are written down, too.
  bool variables = false;  // Whether variables are shown rather than their hash.
  std::string hash_key;    // Of hashes of variables.
  std::size_t queue = 10'000;
  std::function<void(const std::string& problem)> on_problem;  // Told when a sink fails; any thread.
};

// Queues records and writes them to every sink in the order of their coming, from a thread of its own. Changes reserve
// their place before they run, so that none goes unrecorded; what cannot wait is dropped and counted when the queue is
// full. Owned by the composition root. Thread-safe.
class AuditLog {
 public:
  AuditLog(AuditOptions options, std::vector<std::unique_ptr<AuditSink>> sinks);
  // Writes what is queued, for some seconds at most; what no sink takes until then is dropped.
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  const AuditOptions& options() const { return options_; }

  // Places in the queue; gives back what was not filled when it is destroyed.
  class Places {
   public:
    Places() = default;
    Places(AuditLog* log, std::size_t count) : log_(log), count_(count) {}
    Places(Places&& other) noexcept { *this = std::move(other); }
    Places& operator=(Places&& other) noexcept;
    ~Places();
    // Fills one place.
    void Write(AuditRecord record);

   private:
    AuditLog* log_ = nullptr;
    std::size_t count_ = 0;
  };

  // Waits until there is room for `count` records. Fails with kTimeout at the deadline and kCancelled on a stop.
  Result<Places> Reserve(std::size_t count, const Deadline& deadline, const StopToken& stop);

  // Queues a record without waiting; a full queue drops it.
  void Write(AuditRecord record);

  // Records that were dropped since the start.
  std::uint64_t dropped() const { return dropped_; }
  std::size_t queued() const;

 private:
  void Run();
  bool HasRoom(std::size_t count) const REQUIRES_LOCK(mutex_);
  // Writes `records` to the sinks; those that failed are tried again until the time to stop is over.
  void WriteOut(std::span<const AuditRecord> records);
  // Waits between two tries. False when there is no time for another.
  bool MayTryAgain();

  const AuditOptions options_;
  const std::vector<std::unique_ptr<AuditSink>> sinks_;
  mutable Mutex mutex_;
  CondVar work_;
  CondVar room_;
  CondVar stop_;
  std::deque<AuditRecord> queue_ GUARDED_BY(mutex_);
  std::size_t reserved_ GUARDED_BY(mutex_) = 0;
  std::size_t writing_ GUARDED_BY(mutex_) = 0;
  std::optional<Deadline> stopping_ GUARDED_BY(mutex_);  // Until when what is queued may still be written.
  std::atomic<std::uint64_t> dropped_ = 0;
  std::thread writer_;
};

}  // namespace eider::observe
