#include "engine/watchdog.h"

#include <algorithm>

namespace eider::engine {
namespace {

using Clock = Deadline::Clock;

// A passed statement is interrupted again after this time, should the engine have missed the first one.
constexpr auto kRepeat = std::chrono::milliseconds(50);

// A statement is helped after the first time when a core is idle, and after the second one in any case.
constexpr auto kHeavyAfter = std::chrono::milliseconds(3);
constexpr auto kVeryHeavyAfter = std::chrono::milliseconds(20);

}  // namespace

Watchdog::Watchdog(WorkerCrew& crew) : crew_(crew), thread_([this] { Run(); }) {}

Watchdog::~Watchdog() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

Watchdog::Ticket Watchdog::Watch(Clock::time_point started, const Deadline& deadline, Interruption& interruption,
                                 bool has_crew) {
  const Entry entry{started, deadline, &interruption, has_crew};
  MutexLock lock(mutex_);
  if (spare_.empty()) {
    entries_.push_front(entry);
  } else {
    entries_.splice(entries_.begin(), spare_, spare_.begin());
    entries_.front() = entry;
  }
  // Waking the watchdog costs its statement a part of a core: not for a look that has nothing to do.
  const Clock::time_point due = has_crew ? deadline.at() : std::min(deadline.at(), started + kHeavyAfter);
  if (due < next_) {
    next_ = due;
    wake_.notify_all();
  }
  return entries_.begin();
}

void Watchdog::Unwatch(Ticket ticket) {
  MutexLock lock(mutex_);
  if (ticket->called_crew) crew_.Leave();
  spare_.splice(spare_.begin(), entries_, ticket);
}

void Watchdog::Run() {
  mutex_.lock();
  while (!stopping_) {
    Look(Clock::now());
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

void Watchdog::Look(Clock::time_point now) {
  next_ = Clock::time_point::max();
  for (Entry& entry : entries_) {
    CheckDeadline(entry, now);
    if (!entry.has_crew) CheckHeavy(entry, now);
  }
}

void Watchdog::CheckDeadline(Entry& entry, Clock::time_point now) {
  if (entry.deadline.at() > now) {
    next_ = std::min(next_, entry.deadline.at());
    return;
  }
  entry.interruption->Stop(StopCause::kDeadline);
  next_ = std::min(next_, now + kRepeat);
}

void Watchdog::CheckHeavy(Entry& entry, Clock::time_point now) {
  const auto running = now - entry.started;
  if (running >= kVeryHeavyAfter || (running >= kHeavyAfter && crew_.HasIdleCore())) {
    crew_.Join();
    entry.has_crew = entry.called_crew = true;
    return;
  }
  next_ = std::min(next_, entry.started + (running < kHeavyAfter ? kHeavyAfter : kVeryHeavyAfter));
}

}  // namespace eider::engine
