#include "base/circuit_breaker.h"

namespace eider {

Status CircuitBreaker::Admit() {
  MutexLock lock(mutex_);
  if (failed_ < options_.failures) return {};
  const auto now = Deadline::Clock::now();
  if (now >= closed_until_) {
    closed_until_ = now + options_.pause;  // One goes ahead; the others wait for what it finds.
    return {};
  }
  return Error(ErrorCode::kSourceUnavailable, "not tried again for a moment: " + last_);
}

void CircuitBreaker::Succeeded() {
  MutexLock lock(mutex_);
  failed_ = 0;
}

void CircuitBreaker::Failed(const Error& error) {
  MutexLock lock(mutex_);
  ++failed_;
  closed_until_ = Deadline::Clock::now() + options_.pause;
  last_ = error.message;
}

bool CircuitBreaker::is_reachable() const {
  MutexLock lock(mutex_);
  return failed_ == 0;
}

}  // namespace eider
