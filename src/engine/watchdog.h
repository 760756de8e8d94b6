#pragma once

#include <list>
#include <thread>

#include "base/deadline.h"
#include "base/mutex.h"
#include "engine/interruption.h"
#include "engine/memory_use.h"
#include "engine/worker_crew.h"

namespace eider::engine {

// Looks after the statements in execution while their threads are busy inside the engine: interrupts those whose
// deadline passed or that take more memory than their account allows, and calls the worker crew for those that prove
// heavy. One thread for all sessions of a database; it sleeps while nothing runs. All methods may be called from any
// thread.
class Watchdog {
 public:
  Watchdog(duckdb_database database, WorkerCrew& crew);
  ~Watchdog();

  struct Entry {
    Deadline::Clock::time_point started;
    Deadline deadline;
    Interruption* interruption;
    bool has_crew;
    MemoryAccount* memory;     // Null without a limit.
    bool called_crew = false;  // By the watchdog, which then sends it away at the end.
  };
  using Ticket = std::list<Entry>::iterator;

  // Starts to watch a statement, which may have the crew already; what `entry` points to stays alive until Unwatch().
  Ticket Watch(const Entry& entry);
  void Unwatch(Ticket ticket);

 private:
  void Run();
  // Does what is due at `now` and sets when to look next.
  void Look(Deadline::Clock::time_point now) REQUIRES_LOCK(mutex_);
  void CheckDeadline(Entry& entry, Deadline::Clock::time_point now) REQUIRES_LOCK(mutex_);
  void CheckHeavy(Entry& entry, Deadline::Clock::time_point now) REQUIRES_LOCK(mutex_);
  void CheckMemory(const Entry& entry, Deadline::Clock::time_point now) REQUIRES_LOCK(mutex_);
  // Stops what holds too much, as the engine's count is now.
  void Weigh(const MemoryAccount::Use& use) REQUIRES_LOCK(mutex_);

  WorkerCrew& crew_;
  MemoryUseReader use_;  // Of the thread alone.
  Mutex mutex_;
  CondVar wake_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  Deadline::Clock::time_point next_ GUARDED_BY(mutex_) = Deadline::Clock::time_point::max();
  bool needs_use_ GUARDED_BY(mutex_) = false;
  Deadline::Clock::time_point next_use_ GUARDED_BY(mutex_);  // Not before then is the engine's count read again.
  std::list<Entry> entries_ GUARDED_BY(mutex_);
  std::list<Entry> spare_ GUARDED_BY(mutex_);  // Nodes kept, so that watching allocates nothing.
  std::thread thread_;
};

}  // namespace eider::engine
