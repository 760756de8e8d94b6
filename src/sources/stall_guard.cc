#include "sources/stall_guard.h"

namespace eider::sources {

Status StallGuard::Enter() {
  MutexLock lock(mutex_);
  const auto now = Deadline::Clock::now();
  if (callers_ == 0) moved_ = now;
  if (callers_ >= options_.callers && now - moved_ > options_.patience) {
    return Error(ErrorCode::kOverloaded, "it has answered nothing for a while, and " + std::to_string(callers_) +
                                             " requests wait for it already; try again later");
  }
  ++callers_;
  return {};
}

void StallGuard::Leave() {
  MutexLock lock(mutex_);
  --callers_;
  moved_ = Deadline::Clock::now();
}

}  // namespace eider::sources
