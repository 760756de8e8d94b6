#pragma once

#include <duckdb.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "engine/memory_account.h"

namespace eider::engine {

// Threads that lend DuckDB more cores while a heavy statement runs, and sleep otherwise. The engine owns no thread of
// its own, so a small statement wakes nobody and runs wholly on its caller's thread. All methods may be called from any
// thread. See docs/design/0002-engine-threads.md.
class WorkerCrew {
 public:
  // REQUIRES: `database` outlives the crew.
  WorkerCrew(duckdb_database database, int threads);
  ~WorkerCrew();

  // Count the statements in execution; each has the thread of its caller. The engine does not say whose task a thread
  // was given, so while a statement with an account runs beside others, nobody is helped.
  void StatementStarts(const std::shared_ptr<MemoryAccount>& account) {
    statements_.fetch_add(1, std::memory_order_relaxed);
    if (account != nullptr) AddAccount(account);
  }
  void StatementEnds(const std::shared_ptr<MemoryAccount>& account) {
    if (account != nullptr) RemoveAccount(account);
    statements_.fetch_sub(1, std::memory_order_relaxed);
  }
  // Whether there are fewer of them than threads for all.
  bool HasIdleCore() const { return statements_.load(std::memory_order_relaxed) <= static_cast<int>(threads_.size()); }

  // Tasks the crew has done so far.
  std::uint64_t tasks_done() const { return tasks_done_.load(std::memory_order_relaxed); }

  // Between Join() and Leave() the threads execute the engine's tasks. Calls nest.
  void Join();
  void Leave();

 private:
  void Run();
  // Executes tasks until no heavy statement is left.
  void Work();
  // Executes one task unless whose it is would not be known. Returns how many were done.
  idx_t WorkOnce();
  void AddAccount(const std::shared_ptr<MemoryAccount>& account);
  void RemoveAccount(const std::shared_ptr<MemoryAccount>& account);

  const duckdb_database database_;
  duckdb_task_state state_;
  Mutex mutex_;
  CondVar wake_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::atomic<int> heavy_ = 0;
  std::atomic<int> statements_ = 0;
  std::atomic<int> accounted_ = 0;  // Of these, those with an account.
  std::vector<std::shared_ptr<MemoryAccount>> accounts_ GUARDED_BY(mutex_);
  std::atomic<std::uint64_t> tasks_done_ = 0;
  std::vector<std::thread> threads_;
};

// A statement's membership in a crew. Not thread-safe.
class CrewMembership {
 public:
  explicit CrewMembership(WorkerCrew& crew) : crew_(crew) {}
  ~CrewMembership() { Leave(); }
  CrewMembership(const CrewMembership&) = delete;
  CrewMembership& operator=(const CrewMembership&) = delete;

  void Join() {
    if (joined_) return;
    tasks_before_ = crew_.tasks_done();
    crew_.Join();
    joined_ = true;
  }
  void Leave() {
    if (joined_) crew_.Leave();
    joined_ = false;
  }
  bool joined() const { return joined_; }
  // Whether the crew did anything since; perhaps for another statement.
  bool helped() const { return joined_ && crew_.tasks_done() != tasks_before_; }

 private:
  WorkerCrew& crew_;
  std::uint64_t tasks_before_ = 0;
  bool joined_ = false;
};

}  // namespace eider::engine
