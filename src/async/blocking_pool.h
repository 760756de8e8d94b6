#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace eider::async {

// Work that a pool runs once. Intrusive, so that submitting it allocates nothing.
class Task {
 public:
  virtual ~Task() = default;
  virtual void Run() = 0;
};

// A fixed number of named threads for work that blocks. Tasks start in the order of their submission, on the thread
// that rests for the shortest time, whose caches and heap are still warm. The destructor runs what was submitted to its
// end and joins; whoever wants less cancels through stop tokens first.
class BlockingPool {
 public:
  // `name` is shown by the system for each thread (15 bytes).
  BlockingPool(const std::string& name, int threads);
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  // Queues `task`; returns false, and keeps nothing, when `max_queued` tasks wait already. Never blocks.
  [[nodiscard]] bool Submit(std::shared_ptr<Task> task, std::size_t max_queued = SIZE_MAX);

  std::size_t queued() const;

 private:
  struct Resting {
    CondVar wake;
    bool called = false;  // Guarded by mutex_.
  };

  void Work(Resting& self);
  // Returns once there is work, or the pool stops.
  void Rest(Resting& self) REQUIRES_LOCK(mutex_);
  // Looks out for work for a moment, and gives way to whoever wants the core: to wake a core that sleeps takes some
  // 40 us on a virtual machine, and a client's next request comes about 150 us after an answer.
  void Linger() REQUIRES_LOCK(mutex_);

  static constexpr std::chrono::microseconds kLinger{200};

  mutable Mutex mutex_;
  std::deque<std::shared_ptr<Task>> queue_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  bool is_lingering_ GUARDED_BY(mutex_) = false;  // One thread at a time.
  std::atomic<bool> has_work_ = false;
  std::vector<Resting*> resting_ GUARDED_BY(mutex_);  // The last came last.
  std::deque<Resting> places_;                        // One for each thread.
  std::vector<std::thread> threads_;
};

}  // namespace eider::async
