#include "engine/watchdog.h"

#include <algorithm>

namespace eider::engine {
namespace {

using Clock = Deadline::Clock;

// A passed statement is interrupted again after this time, should the engine have missed the first one.
constexpr auto kRepeat = std::chrono::milliseconds(50);

}  // namespace

Watchdog::Watchdog() : thread_([this] { Run(); }) {}

Watchdog::~Watchdog() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

Watchdog::Ticket Watchdog::Watch(const Deadline& deadline, Interruption& interruption) {
  MutexLock lock(mutex_);
  if (spare_.empty()) {
    entries_.push_front(Entry{deadline, &interruption});
  } else {
    entries_.splice(entries_.begin(), spare_, spare_.begin());
    entries_.front() = Entry{deadline, &interruption};
  }
  if (deadline.at() < next_) {
    next_ = deadline.at();
    wake_.notify_all();
  }
  return entries_.begin();
}

void Watchdog::Unwatch(Ticket ticket) {
  MutexLock lock(mutex_);
  spare_.splice(spare_.begin(), entries_, ticket);
}

void Watchdog::Run() {
  mutex_.lock();
  while (!stopping_) {
    const Clock::time_point now = Clock::now();
    StopPassed(now);
    // A copy, because the wait looks at it again without the lock.
    const Clock::time_point until = next_;
    if (until == Clock::time_point::max()) {
      wake_.wait(mutex_);
    } else {
      wake_.wait_until(mutex_, until);
    }
  }
  mutex_.unlock();
}

void Watchdog::StopPassed(Clock::time_point now) {
  next_ = Clock::time_point::max();
  for (const Entry& entry : entries_) {
    if (entry.deadline.at() > now) {
      next_ = std::min(next_, entry.deadline.at());
      continue;
    }
    entry.interruption->Stop(StopCause::kDeadline);
    next_ = std::min(next_, now + kRepeat);
  }
}

}  // namespace eider::engine
