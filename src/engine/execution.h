#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "engine/connection.h"
#include "engine/crew_experience.h"
#include "engine/session.h"

namespace eider::engine {

// One run of a prepared statement, from its start to the last chunk or the first error: executes the engine's tasks on
// the caller's thread, watches the limits, and calls the worker crew when `experience` with earlier runs says that it
// helps. Not thread-safe.
class Execution {
 public:
  Execution(std::shared_ptr<Connection> connection, const Limits& limits, CrewExperience& experience);
  ~Execution();
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;

  // Starts `statement`, whose parameters are bound; returns when its first rows are ready or it has ended.
  Status Start(duckdb_prepared_statement statement);

  // The next chunk with rows; an empty handle at the end.
  Result<ChunkHandle> Fetch();

  // The result's columns. REQUIRES: Start() succeeded and the end was not reached.
  duckdb_result* result() { return result_.get(); }

  // Releases everything; a statement that has not ended is abandoned. Idempotent.
  void Finish();

 private:
  // Fails when the statement was stopped or its deadline passed.
  Status CheckLimits();
  Status RunTasks(duckdb_pending_result pending);
  Error Fail(const char* text);

  using StopCallback = std::stop_callback<std::function<void()>>;

  const std::shared_ptr<Connection> connection_;
  const Limits limits_;
  CrewExperience& experience_;
  const Deadline::Clock::time_point started_;
  CrewMembership crew_;
  std::optional<Watchdog::Ticket> ticket_;
  std::optional<StopCallback> on_stop_;
  ResultHandle result_;
  bool running_ = false;  // The engine has a statement open.
  bool finished_ = false;
};

}  // namespace eider::engine
