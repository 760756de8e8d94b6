#include "engine/watchdog.h"

#include <algorithm>
#include <utility>

namespace eider::engine {
namespace {

using Clock = Deadline::Clock;

// A passed statement is interrupted again after this time, should the engine have missed the first one.
constexpr auto kRepeat = std::chrono::milliseconds(50);

// A statement is helped after the first time when a core is idle, and after the second one in any case.
constexpr auto kHeavyAfter = std::chrono::milliseconds(3);
constexpr auto kVeryHeavyAfter = std::chrono::milliseconds(20);

// How often the memory of a statement with a limit is looked at, and at most the engine's own count.
constexpr auto kMemoryLook = std::chrono::milliseconds(5);
constexpr auto kUseLook = std::chrono::milliseconds(20);

}  // namespace

Watchdog::Watchdog(duckdb_database database, WorkerCrew& crew)
    : crew_(crew),
      use_(database),
      thread_([this] { Run(); }) {}

Watchdog::~Watchdog() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

Watchdog::Ticket Watchdog::Watch(const Entry& entry) {
  MutexLock lock(mutex_);
  if (spare_.empty()) {
    entries_.push_front(entry);
  } else {
    entries_.splice(entries_.begin(), spare_, spare_.begin());
    entries_.front() = entry;
  }
  // Waking the watchdog costs its statement a part of a core: not for a look that has nothing to do.
  const bool may_wait = entry.has_crew && entry.memory == nullptr;
  const Clock::time_point deadline = entry.deadline.at();
  const Clock::time_point due = may_wait ? deadline : std::min(deadline, entry.started + kHeavyAfter);
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
    if (std::exchange(needs_use_, false)) {
      mutex_.unlock();
      const auto use = use_.Read();
      mutex_.lock();
      if (use) Weigh(*use);
      next_use_ = Clock::now() + kUseLook;
    }
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
    if (entry.memory != nullptr) CheckMemory(entry, now);
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

void Watchdog::CheckMemory(const Entry& entry, Clock::time_point now) {
  next_ = std::min(next_, std::max(now, entry.started) + kMemoryLook);
  if (now >= next_use_ && entry.memory->NeedsUse()) needs_use_ = true;
}

void Watchdog::Weigh(const MemoryAccount::Use& use) {
  for (const Entry& entry : entries_) {
    if (entry.memory != nullptr && entry.memory->Exceeds(use)) entry.interruption->Stop(StopCause::kMemory);
  }
}

}  // namespace eider::engine
