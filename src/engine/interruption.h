#pragma once

#include <duckdb.h>

#include <atomic>
#include <optional>

#include "base/mutex.h"
#include "base/stop_token.h"
#include "engine/engine_error.h"

namespace eider::engine {

// Stops the statement that runs on one connection and remembers why. Owned by the session; any thread may call Stop().
class Interruption {
 public:
  explicit Interruption(duckdb_connection connection) : connection_(connection) {}

  // Marks the start and the end of a statement. Between them Stop() has an effect.
  void Begin();
  void End();

  // Makes the running statement fail with `cause`; the first cause wins, without one running nothing happens.
  void Stop(StopCause cause) noexcept;

  // Is requested to stop when the running statement is, or was abandoned.
  StopToken token();

  // Requests token() to stop: nobody wants the rest of the statement.
  void Abandon() noexcept;

  // Repeats the interrupt, which the engine forgets when it starts a statement.
  void Repeat() noexcept { duckdb_interrupt(connection_); }

  StopCause cause() const { return cause_.load(std::memory_order_relaxed); }

 private:
  const duckdb_connection connection_;
  Mutex mutex_;
  bool running_ GUARDED_BY(mutex_) = false;
  std::optional<StopSource> stop_ GUARDED_BY(mutex_);  // Of the running statement, once somebody asked for it.
  std::atomic<StopCause> cause_ = StopCause::kNone;
};

}  // namespace eider::engine
