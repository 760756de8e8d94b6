#pragma once

#include <chrono>
#include <string>

#include "base/deadline.h"
#include "base/mutex.h"
#include "base/result.h"

namespace eider {

// Keeps requests from waiting for a source that cannot be reached: after some failures in a row connections are refused
// at once for a while, then one is let through to try. Thread-safe.
class CircuitBreaker {
 public:
  struct Options {
    int failures = 3;  // In a row.
    std::chrono::milliseconds pause{2000};
  };
  explicit CircuitBreaker(Options options) : options_(options) {}

  // Whether a connection may be tried; kSourceUnavailable with the last failure when not.
  Status Admit();

  // Tells the end of a try that was admitted.
  void Succeeded();
  void Failed(const Error& error);

  // Whether the last connection that was tried could be made.
  bool is_reachable() const;

 private:
  const Options options_;
  mutable Mutex mutex_;
  int failed_ GUARDED_BY(mutex_) = 0;
  Deadline::Clock::time_point closed_until_ GUARDED_BY(mutex_);
  std::string last_ GUARDED_BY(mutex_);
};

}  // namespace eider
