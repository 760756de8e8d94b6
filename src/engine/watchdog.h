#pragma once

#include <list>
#include <thread>

#include "base/deadline.h"
#include "base/mutex.h"
#include "engine/interruption.h"

namespace eider::engine {

// Interrupts statements whose deadline passed while the engine is busy inside one long task. One thread for all
// sessions of a database; it sleeps until the earliest deadline, so statements that end in time never wake it. All
// methods may be called from any thread.
class Watchdog {
 public:
  Watchdog();
  ~Watchdog();

  struct Entry {
    Deadline deadline;
    Interruption* interruption;
  };
  using Ticket = std::list<Entry>::iterator;

  // Starts to watch; `interruption` must stay alive until Unwatch(). REQUIRES: the deadline is not Never().
  Ticket Watch(const Deadline& deadline, Interruption& interruption);
  void Unwatch(Ticket ticket);

 private:
  void Run();
  void StopPassed(Deadline::Clock::time_point now) REQUIRES_LOCK(mutex_);

  Mutex mutex_;
  CondVar wake_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  Deadline::Clock::time_point next_ GUARDED_BY(mutex_) = Deadline::Clock::time_point::max();
  std::list<Entry> entries_ GUARDED_BY(mutex_);
  std::list<Entry> spare_ GUARDED_BY(mutex_);  // Nodes kept, so that watching allocates nothing.
  std::thread thread_;
};

}  // namespace eider::engine
