#pragma once

#include <cstdint>
#include <list>
#include <optional>

#include "base/mutex.h"

namespace eider::engine {

// What statements that have a limit together, such as those of one request, took through the engine's allocator and did
// not give back. Made by whoever sets the limit, shared with the executions. Thread-safe.
class MemoryAccount {
 public:
  explicit MemoryAccount(std::int64_t limit) : limit_(limit) {}
  MemoryAccount(const MemoryAccount&) = delete;
  MemoryAccount& operator=(const MemoryAccount&) = delete;

  // How many bytes the engine counts for its statements, over all sessions.
  struct Use {
    std::int64_t working = 0;  // What a statement has while it runs: hash tables, sorted runs, values of aggregates.
    std::int64_t kept = 0;     // Tables, indexes and cached blocks, which stay when it ends.
  };

  std::int64_t limit() const { return limit_; }

  // Bytes taken by now, also by threads that are at work.
  std::int64_t taken() const;

  // Whether the engine's own count has to be looked at, because enough was taken for it to matter.
  bool NeedsUse() const;

  // Whether the statements hold more than the limit, as `use` is now. What was kept since the first look is not theirs.
  bool Exceeds(const Use& use);

 private:
  friend class AccountedWork;
  struct Thread {
    const std::uint64_t* allocated;
    const std::uint64_t* freed;
    std::uint64_t allocated_before;
    std::uint64_t freed_before;

    std::int64_t taken() const;
  };

  const std::int64_t limit_;
  mutable Mutex mutex_;
  std::int64_t settled_ GUARDED_BY(mutex_) = 0;
  std::list<Thread> at_work_ GUARDED_BY(mutex_);
  std::optional<std::int64_t> kept_before_ GUARDED_BY(mutex_);
};

// While it lives, what its thread takes and gives back is put on an account, or nowhere when that is null. Begins and
// ends on one thread; does not nest.
class AccountedWork {
 public:
  explicit AccountedWork(MemoryAccount* account);
  ~AccountedWork();
  AccountedWork(const AccountedWork&) = delete;
  AccountedWork& operator=(const AccountedWork&) = delete;

 private:
  MemoryAccount* const account_;
  std::list<MemoryAccount::Thread>::iterator thread_;
};

}  // namespace eider::engine
