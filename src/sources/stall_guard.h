#pragma once

#include <chrono>
#include <string>

#include "base/deadline.h"
#include "base/mutex.h"
#include "base/result.h"

namespace eider::sources {

// Keeps a source that stalls from holding all threads of the node: while nothing has come from it for some time, only
// so many callers may wait for it, and more are refused at once. Thread-safe.
class StallGuard {
 public:
  struct Options {
    int callers = 8;
    std::chrono::milliseconds patience{2000};
  };
  explicit StallGuard(Options options) : options_(options) {}

  // Counts a caller until Leave(). kOverloaded when too many wait for a source that stalls.
  Status Enter();

  // Ends the wait of a caller that was let in.
  void Leave();

 private:
  const Options options_;
  Mutex mutex_;
  int callers_ GUARDED_BY(mutex_) = 0;
  Deadline::Clock::time_point moved_ GUARDED_BY(mutex_);  // When a wait last ended, or the first one began.
};

}  // namespace eider::sources
