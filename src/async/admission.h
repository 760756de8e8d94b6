#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"

namespace eider::async {

// Look-ups and small lists, or work that reads much.
enum class WorkClass { kInteractive, kScan };

struct AdmissionOptions {
  int slots = 8;              // Requests that run at once.
  int interactive_slots = 2;  // Of these, slots that scans never take. Less than `slots`.
  int reserved_slots = 0;     // Of these, slots that only privileged requests take. Less than `slots`.
  int source_slots = 0;       // Of these, slots that requests of one data source take; 0 = all of them.
  int max_queued = 1000;      // Over both classes. A few privileged requests wait beyond it.
  std::chrono::milliseconds queue_timeout = std::chrono::seconds(10);  // 0 = none.
  std::int64_t memory_pool = 0;   // Bytes that running requests may have been granted together; 0 = any number.
  std::int64_t memory_grant = 0;  // What each of them is granted unless it asks for more.
};

// Whose request it is.
struct Claim {
  WorkClass work_class = WorkClass::kInteractive;
  std::string principal;                  // Requests of one principal share its turn.
  int priority = 5;                       // 1 to 10: how many turns it gets beside others.
  bool privileged = false;                // May take reserved slots.
  std::string group = {};                 // Requests that have limits together, such as those of a role; empty = none.
  std::int64_t group_slots = -1;          // Of the group, requests that run at once; below zero = any number.
  std::int64_t group_queued = -1;         // Of the group, requests that wait.
  std::int64_t memory = 0;                // Bytes to be granted, if that is more than the usual.
  std::vector<std::string> sources = {};  // The data sources that it touches, each once.
};

// Bounds how many requests run at once. Principals take turns, by their priorities; requests of one principal are
// admitted first come, first served. A waiting scan never holds back an interactive request. A source that hangs never
// takes every slot: once requests of a second source were seen, those of each leave some to others. A request that was
// overtaken too often because it needs more memory than others has what comes free kept for it. What finds no room is
// refused at once with kOverloaded, what waits too long is refused by Expire(). Thread-safe; must outlive its slots and
// waiting requests.
class Admission {
 public:
  using Clock = std::chrono::steady_clock;

  // A running request's place; gives it back when it is destroyed.
  class Slot {
   public:
    Slot() = default;
    Slot(Admission* admission, Claim claim) : admission_(admission), claim_(std::move(claim)) {}
    Slot(Slot&& other) noexcept { *this = std::move(other); }
    Slot& operator=(Slot&& other) noexcept {
      std::swap(admission_, other.admission_);
      std::swap(claim_, other.claim_);
      return *this;
    }
    ~Slot();

   private:
    Admission* admission_ = nullptr;
    Claim claim_;
  };

  using Done = std::function<void(Result<Slot>)>;
  using Ticket = std::uint64_t;  // Names a waiting request; 0 = none.

  explicit Admission(const AdmissionOptions& options);
  ~Admission();

  // Asks for a slot. `done` is called exactly once: before Enter() returns when there is room or none to wait in
  // (the ticket is 0), else later by the thread that frees a slot, expires or aborts the wait. It must not block.
  // A wait ends with kTimeout at `deadline`.
  Ticket Enter(Claim claim, Clock::time_point deadline, Done done, Clock::time_point now = Clock::now());
  // The same for a principal without a name.
  Ticket Enter(WorkClass work_class, Clock::time_point deadline, Done done, Clock::time_point now = Clock::now()) {
    return Enter(Claim{work_class, {}, 5, false}, deadline, std::move(done), now);
  }

  // Ends a wait with kCancelled. Does nothing when the request was admitted or refused already.
  void Abort(Ticket ticket);

  // Refuses waits that are over at `now`; called every few ten milliseconds by a timer.
  void Expire(Clock::time_point now = Clock::now());

  struct Counts {
    int running = 0;
    int queued = 0;
    std::int64_t granted = 0;  // Bytes.
    std::uint64_t refused_full = 0;
    std::uint64_t refused_timeout = 0;
    std::chrono::nanoseconds full_for{0};  // How long every waiting place has been taken.
  };
  Counts counts(Clock::time_point now = Clock::now()) const;

 private:
  struct Waiting {
    Ticket ticket = 0;
    Claim claim;
    Clock::time_point deadline;  // Of the request itself.
    Clock::time_point patience;  // When it has waited too long.
    Done done;
    int overtaken = 0;  // Requests that were admitted while only memory was missing.
  };
  using Queue = std::list<Waiting>;

  // Whether a request has room; `ticket` is 0 before it waits.
  bool HasRoom(const Claim& claim, Ticket ticket) const REQUIRES_LOCK(mutex_);
  bool HasMemory(const Claim& claim, Ticket ticket) const REQUIRES_LOCK(mutex_);
  // The same but for memory.
  bool HasSlot(const Claim& claim) const REQUIRES_LOCK(mutex_);
  // Whether each of its sources may take one more slot.
  bool HasSlotsOfSources(const Claim& claim) const REQUIRES_LOCK(mutex_);
  // Notes that a request was admitted while others wait for memory, and keeps memory for the first that waited too
  // long.
  void NoteOvertaking() REQUIRES_LOCK(mutex_);
  // Takes the request whose turn it is among those that have room out of its queue and counts it as running.
  bool TakeNext(Queue& admitted) REQUIRES_LOCK(mutex_);
  // Takes all who have room.
  void AdmitAll(Queue& admitted) REQUIRES_LOCK(mutex_);
  // Outside of the lock: the requests may come back.
  void Start(Queue& admitted);
  void CountRunning(const Claim& claim) REQUIRES_LOCK(mutex_);
  void CountLeft(const Claim& claim) REQUIRES_LOCK(mutex_);
  double TurnOf(const std::string& principal) const REQUIRES_LOCK(mutex_);
  void Remove(Queue& from, Queue::iterator at, Queue& to) REQUIRES_LOCK(mutex_);
  void Leave(const Claim& claim);
  // What a request is granted; never more than the whole pool.
  std::int64_t GrantOf(const Claim& claim) const;
  bool MayWait(const Claim& claim) const REQUIRES_LOCK(mutex_);
  void ForgetIfIdle(const std::string& group) REQUIRES_LOCK(mutex_);

  const AdmissionOptions options_;
  mutable Mutex mutex_;
  std::array<Queue, 2> queues_ GUARDED_BY(mutex_);
  std::array<int, 2> running_ GUARDED_BY(mutex_) = {0, 0};
  int running_privileged_ GUARDED_BY(mutex_) = 0;
  std::int64_t granted_ GUARDED_BY(mutex_) = 0;
  Ticket kept_for_ GUARDED_BY(mutex_) = 0;  // Whom memory is kept for; 0 = nobody.
  std::int64_t kept_ GUARDED_BY(mutex_) = 0;
  struct Group {
    std::int64_t running = 0;
    std::int64_t queued = 0;
  };
  std::map<std::string, Group> groups_ GUARDED_BY(mutex_);  // Those that have limits and requests.
  std::map<std::string, int> sources_ GUARDED_BY(mutex_);   // The running requests of each that was ever asked for.
  // When each principal is served next, in turns; one that is not there is served now.
  std::map<std::string, double> turns_ GUARDED_BY(mutex_);
  double now_serving_ GUARDED_BY(mutex_) = 0;
  int queued_ GUARDED_BY(mutex_) = 0;
  Ticket last_ticket_ GUARDED_BY(mutex_) = 0;
  std::uint64_t refused_full_ GUARDED_BY(mutex_) = 0;
  std::uint64_t refused_timeout_ GUARDED_BY(mutex_) = 0;
  Clock::time_point full_since_ GUARDED_BY(mutex_) = Clock::time_point::max();
};

}  // namespace eider::async
