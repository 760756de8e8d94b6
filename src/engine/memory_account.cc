#include "engine/memory_account.h"

#include <algorithm>
#include <atomic>
#include <cstddef>

// The engine's own allocator, which is part of its archive and counts for each thread what it takes and gives back.
extern "C" int duckdb_je_mallctl(const char* name, void* old_value, std::size_t* old_size, void* new_value,
                                 std::size_t new_size);

namespace eider::engine {
namespace {

const std::uint64_t* CounterOf(const char* name) {
  static constexpr std::uint64_t kNothing = 0;
  std::uint64_t* counter = nullptr;
  std::size_t size = sizeof(counter);
  return duckdb_je_mallctl(name, static_cast<void*>(&counter), &size, nullptr, 0) == 0 ? counter : &kNothing;
}

// Another thread may be counting just now.
std::uint64_t ValueOf(const std::uint64_t* counter) { return __atomic_load_n(counter, __ATOMIC_RELAXED); }

// From this part of the limit on the engine's count is asked for.
constexpr std::int64_t kPart = 8;

}  // namespace

std::int64_t MemoryAccount::Thread::taken() const {
  return static_cast<std::int64_t>((ValueOf(allocated) - allocated_before) - (ValueOf(freed) - freed_before));
}

std::int64_t MemoryAccount::taken() const {
  MutexLock lock(mutex_);
  std::int64_t sum = settled_;
  for (const Thread& thread : at_work_) sum += thread.taken();
  return sum;
}

bool MemoryAccount::NeedsUse() const {
  const std::int64_t now = taken();
  if (now > limit_) return true;
  MutexLock lock(mutex_);
  return !kept_before_ && now > limit_ / kPart;
}

bool MemoryAccount::Exceeds(const Use& use) {
  const std::int64_t now = taken();
  MutexLock lock(mutex_);
  if (!kept_before_) kept_before_ = use.kept;
  const std::int64_t own = now - std::max<std::int64_t>(0, use.kept - *kept_before_);
  return std::min(own, use.working) > limit_;
}

AccountedWork::AccountedWork(MemoryAccount* account) : account_(account) {
  if (account_ == nullptr) return;
  thread_local const std::uint64_t* const allocated = CounterOf("thread.allocatedp");
  thread_local const std::uint64_t* const freed = CounterOf("thread.deallocatedp");
  MutexLock lock(account_->mutex_);
  account_->at_work_.push_front({allocated, freed, ValueOf(allocated), ValueOf(freed)});
  thread_ = account_->at_work_.begin();
}

AccountedWork::~AccountedWork() {
  if (account_ == nullptr) return;
  MutexLock lock(account_->mutex_);
  account_->settled_ += thread_->taken();
  account_->at_work_.erase(thread_);
}

}  // namespace eider::engine
