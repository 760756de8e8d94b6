#include "engine/interruption.h"

namespace eider::engine {

void Interruption::Begin() {
  MutexLock lock(mutex_);
  running_ = true;
  cause_ = StopCause::kNone;
  stop_.reset();
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
  if (stop_) stop_->request_stop();
  duckdb_interrupt(connection_);
}

void Interruption::Abandon() noexcept {
  MutexLock lock(mutex_);
  if (stop_) stop_->request_stop();
}

StopToken Interruption::token() {
  MutexLock lock(mutex_);
  if (!stop_) {
    stop_.emplace();
    if (!running_ || cause() != StopCause::kNone) stop_->request_stop();
  }
  return stop_->get_token();
}

}  // namespace eider::engine
