#include "engine/execution.h"

#include <optional>
#include <thread>

namespace eider::engine {
namespace {

using Clock = Deadline::Clock;

// How long the caller stays awake for the crew's last tasks, and how long it sleeps between looks after that. A table
// is read in pieces of 122,880 rows, so the crew may be at its last one for a millisecond.
constexpr std::chrono::microseconds kAwake{2000};
constexpr std::chrono::microseconds kPause{200};

}  // namespace

Execution::Execution(std::shared_ptr<Connection> connection, const Limits& limits, CrewExperience& experience)
    : connection_(std::move(connection)),
      limits_(limits),
      experience_(experience),
      started_(Clock::now()),
      crew_(connection_->instance().crew) {
  connection_->instance().crew.StatementStarts(limits_.memory);
  connection_->interruption().Begin();
  connection_->calls().Begin(limits_, connection_->interruption());
  if (limits_.stop.stop_possible()) {
    on_stop_.emplace(limits_.stop, [this] { connection_->interruption().Stop(StopCause::kCancelled); });
  }
}

Execution::~Execution() { Finish(); }

void Execution::Finish() {
  if (finished_) return;
  finished_ = true;
  if (running_) connection_->interruption().Abandon();
  result_.Reset();
  if (running_) connection_->EndAbandonedStatement();
  connection_->calls().End();
  on_stop_.reset();
  if (ticket_) connection_->instance().watchdog.Unwatch(*ticket_);
  connection_->interruption().End();
  experience_.Learn(Clock::now() - started_, crew_.joined(), crew_.helped());
  crew_.Leave();
  connection_->instance().crew.StatementEnds(limits_.memory);
}

Status Execution::CheckLimits() {
  Interruption& interruption = connection_->interruption();
  if (interruption.cause() == StopCause::kNone && limits_.deadline.Passed()) interruption.Stop(StopCause::kDeadline);
  if (interruption.cause() == StopCause::kNone) return {};
  return StoppedError(interruption.cause());
}

Error Execution::Fail(const char* text) {
  // The engine knows the words of what a function failed with, not its code.
  if (auto failure = connection_->calls().failure()) {
    const StopCause cause = connection_->interruption().cause();
    return cause == StopCause::kNone ? std::move(*failure) : StoppedError(cause);
  }
  return EngineError(text == nullptr ? "" : text, connection_->interruption().cause());
}

Status Execution::RunTasks(duckdb_pending_result pending) {
  std::optional<Clock::time_point> idle_since;
  while (true) {
    const duckdb_pending_state state = duckdb_pending_execute_task(pending);
    if (state == DUCKDB_PENDING_RESULT_READY) return {};
    if (state == DUCKDB_PENDING_ERROR) return Fail(duckdb_pending_error(pending));
    EIDER_RETURN_IF_ERROR(CheckLimits());
    if (state != DUCKDB_PENDING_NO_TASKS_AVAILABLE) {
      idle_since.reset();
      continue;
    }
    // The crew has the last tasks, which as a rule end soon.
    const Clock::time_point now = Clock::now();
    if (!idle_since) idle_since = now;
    if (now - *idle_since < kAwake) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(kPause);
    }
  }
}

Status Execution::Start(duckdb_prepared_statement statement) {
  EIDER_RETURN_IF_ERROR(CheckLimits());
  if (!limits_.alone && experience_.CallsForHelp() && connection_->instance().crew.HasIdleCore()) crew_.Join();
  ticket_ = connection_->instance().watchdog.Watch(
      {started_, limits_.deadline, &connection_->interruption(), crew_.joined(), limits_.memory.get()});
  PendingHandle pending;
  running_ = true;
  if (duckdb_pending_prepared_streaming(statement, pending.Out()) != DuckDBSuccess) {
    return Fail(duckdb_pending_error(pending.get()));
  }
  EIDER_RETURN_IF_ERROR(RunTasks(pending.get()));
  if (duckdb_execute_pending(pending.get(), result_.Out()) != DuckDBSuccess) {
    return Fail(duckdb_result_error(result_.get()));
  }
  return {};
}

Result<ChunkHandle> Execution::Fetch() {
  while (true) {
    EIDER_RETURN_IF_ERROR(CheckLimits());
    ChunkHandle chunk(duckdb_fetch_chunk(*result_.get()));
    if (!chunk) {
      const char* text = duckdb_result_error(result_.get());
      if (text != nullptr && *text != '\0') return Fail(text);
      running_ = false;
      return ChunkHandle();
    }
    if (duckdb_data_chunk_get_size(chunk.get()) > 0) return chunk;
  }
}

}  // namespace eider::engine
