#pragma once

#include <algorithm>
#include <chrono>

#include "base/mutex.h"

namespace eider::cache {

// Spares queries the waiting for a store that does not answer: after five failures in a row it is left alone for five
// seconds, then for twice as long each time, up to a minute. Thread-safe.
class Breaker {
 public:
  using Clock = std::chrono::steady_clock;

  // Whether a call may be tried. After the pause one caller may, and the others as soon as it succeeded.
  bool Admits(Clock::time_point now = Clock::now()) {
    MutexLock lock(mutex_);
    if (failures_ < kFailures) return true;
    if (now < closed_until_) return false;
    closed_until_ = now + pause_;
    return true;
  }

  void Succeeded() {
    MutexLock lock(mutex_);
    failures_ = 0;
    pause_ = kFirstPause;
  }

  void Failed(Clock::time_point now = Clock::now()) {
    MutexLock lock(mutex_);
    if (++failures_ < kFailures) return;
    if (failures_ > kFailures) pause_ = std::min(2 * pause_, kLongestPause);
    closed_until_ = now + pause_;
  }

  bool is_open() const {
    MutexLock lock(mutex_);
    return failures_ >= kFailures;
  }

 private:
  static constexpr int kFailures = 5;
  static constexpr std::chrono::milliseconds kFirstPause{5'000};
  static constexpr std::chrono::milliseconds kLongestPause{60'000};
  mutable Mutex mutex_;
  int failures_ GUARDED_BY(mutex_) = 0;
  std::chrono::milliseconds pause_ GUARDED_BY(mutex_) = kFirstPause;
  Clock::time_point closed_until_ GUARDED_BY(mutex_);
};

}  // namespace eider::cache
