#pragma once

#include <duckdb.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

#include "base/mutex.h"
#include "engine/call_memo.h"
#include "engine/interruption.h"

namespace eider::engine {

class StatementCalls;

// Finds what the running statement of a connection has called, by the engine's number of the connection. Thread-safe.
class CallTable {
 public:
  // Null when no statement of that connection runs.
  std::shared_ptr<CallMemo> Find(std::uint64_t connection);

 private:
  friend class StatementCalls;

  Mutex mutex_;
  std::unordered_map<std::uint64_t, StatementCalls*> entries_ GUARDED_BY(mutex_);
};

// The calls of batch functions by the statements of one connection. Owned by the connection; its statements follow one
// another, and the threads that work on one of them may ask for its calls.
class StatementCalls {
 public:
  StatementCalls(CallTable& table, duckdb_connection connection);
  ~StatementCalls();
  StatementCalls(const StatementCalls&) = delete;
  StatementCalls& operator=(const StatementCalls&) = delete;

  // Marks the start and the end of a statement, which stops with `interruption`.
  void Begin(const Limits& limits, Interruption& interruption);
  void End();

  // What the first failed call of the running statement failed with.
  std::optional<Error> failure();

 private:
  friend class CallTable;
  std::shared_ptr<CallMemo> Memo();

  CallTable& table_;
  std::uint64_t id_ = 0;
  Mutex mutex_;
  Deadline deadline_ GUARDED_BY(mutex_);
  std::shared_ptr<const observe::TracePoint> trace_ GUARDED_BY(mutex_);
  Interruption* interruption_ GUARDED_BY(mutex_) = nullptr;  // Null between statements.
  std::shared_ptr<CallMemo> memo_ GUARDED_BY(mutex_);        // Made by the first call.
};

}  // namespace eider::engine
