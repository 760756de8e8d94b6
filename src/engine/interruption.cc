#include "engine/interruption.h"

namespace eider::engine {

void Interruption::Begin() {
  MutexLock lock(mutex_);
  running_ = true;
  cause_ = StopCause::kNone;
}

void Interruption::End() {
  MutexLock lock(mutex_);
  running_ = false;
}

void Interruption::Stop(StopCause cause) noexcept {
  MutexLock lock(mutex_);
  if (!running_) return;
  StopCause none = StopCause::kNone;
  cause_.compare_exchange_strong(none, cause);
  duckdb_interrupt(connection_);
}

}  // namespace eider::engine
