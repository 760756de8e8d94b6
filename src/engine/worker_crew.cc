#include "engine/worker_crew.h"

#include <sys/prctl.h>

#include <algorithm>
#include <chrono>

namespace eider::engine {
namespace {

// Tasks taken before the crew counts them and looks whether it is still needed.
constexpr idx_t kTasksPerLook = 1;
// A statement's tasks appear only after it is planned, a few hundred microseconds after its crew was called; until then
// the crew looks often, later ever more rarely while a statement's consumer is slow.
constexpr int kEagerLooks = 64;
constexpr std::chrono::microseconds kFirstPause{10};
constexpr std::chrono::microseconds kLongestPause{200};

// Linux lets a sleep of the calling thread be late by 50 microseconds unless it is told otherwise.
void SleepPrecisely() { prctl(PR_SET_TIMERSLACK, 1000UL); }

}  // namespace

WorkerCrew::WorkerCrew(duckdb_database database, int threads)
    : database_(database),
      state_(duckdb_create_task_state(database_)) {
  threads_.reserve(static_cast<std::size_t>(std::max(threads, 0)));
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

WorkerCrew::~WorkerCrew() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  duckdb_finish_execution(state_);
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  duckdb_destroy_task_state(state_);
}

void WorkerCrew::Join() {
  if (threads_.empty()) return;
  bool first = false;
  {
    MutexLock lock(mutex_);
    first = heavy_.fetch_add(1) == 0;
  }
  if (first) wake_.notify_all();
}

void WorkerCrew::Leave() {
  if (!threads_.empty()) heavy_.fetch_sub(1);
}

void WorkerCrew::Run() {
  SleepPrecisely();
  mutex_.lock();
  while (!stopping_) {
    if (heavy_ == 0) {
      wake_.wait(mutex_);
      continue;
    }
    mutex_.unlock();
    Work();
    mutex_.lock();
  }
  mutex_.unlock();
}

void WorkerCrew::AddAccount(const std::shared_ptr<MemoryAccount>& account) {
  MutexLock lock(mutex_);
  accounts_.push_back(account);
  accounted_ = static_cast<int>(accounts_.size());
}

void WorkerCrew::RemoveAccount(const std::shared_ptr<MemoryAccount>& account) {
  MutexLock lock(mutex_);
  accounts_.erase(std::find(accounts_.begin(), accounts_.end(), account));
  accounted_ = static_cast<int>(accounts_.size());
}

idx_t WorkerCrew::WorkOnce() {
  std::shared_ptr<MemoryAccount> account;
  if (accounted_ > 0) {
    MutexLock lock(mutex_);
    if (accounts_.size() != 1 || statements_ != 1) return 0;
    account = accounts_.front();
  }
  const AccountedWork work(account.get());
  return duckdb_execute_n_tasks_state(state_, kTasksPerLook);
}

// The engine's own blocking wait counts every task ever queued, also those that callers ran themselves, and would spin
// through them all; hence this polls, with pauses that grow while a statement's consumer is slow.
void WorkerCrew::Work() {
  auto pause = kFirstPause;
  int looks = 0;
  while (heavy_ > 0 && !duckdb_task_state_is_finished(state_)) {
    const idx_t done = WorkOnce();
    if (done > 0) {
      tasks_done_.fetch_add(done, std::memory_order_relaxed);
      pause = kFirstPause;
      looks = 0;
      continue;
    }
    std::this_thread::sleep_for(pause);
    if (++looks > kEagerLooks) pause = std::min(pause * 2, kLongestPause);
  }
}

}  // namespace eider::engine

#if defined(__SANITIZE_THREAD__)
// The engine's archive is built without the sanitizer, which therefore takes its atomics for plain accesses.
extern "C" const char* __tsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __tsan_default_suppressions() { return "race:^duckdb::\nrace:duckdb_moodycamel\n"; }
#endif
