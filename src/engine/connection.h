#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "engine/duckdb_handles.h"
#include "engine/instance.h"
#include "engine/interruption.h"
#include "engine/statement_calls.h"

namespace eider::engine {

// One DuckDB connection with what a session and its cursor share. Not thread-safe, except Interruption.
class Connection {
 public:
  // Fails with kSourceUnavailable when the engine refuses.
  static Result<std::shared_ptr<Connection>> Open(std::shared_ptr<Instance> instance);

  Connection(std::shared_ptr<Instance> instance, ConnectionHandle handle)
      : instance_(std::move(instance)),
        handle_(std::move(handle)),
        interruption_(handle_.get()),
        calls_(instance_->calls, handle_.get()) {}

  duckdb_connection raw() const { return handle_.get(); }
  Instance& instance() { return *instance_; }
  Interruption& interruption() { return interruption_; }
  StatementCalls& calls() { return calls_; }

  // The options of Arrow conversion under the present settings.
  duckdb_arrow_options arrow_options();
  std::uint64_t settings_version() const { return settings_version_; }
  void SettingsChanged();

  // Ends a statement whose result was dropped early: the engine would keep its transaction and its tasks until the next
  // statement begins, so this runs an empty one.
  void EndAbandonedStatement();

 private:
  const std::shared_ptr<Instance> instance_;
  ConnectionHandle handle_;
  Interruption interruption_;
  StatementCalls calls_;
  ArrowOptionsHandle arrow_options_;
  std::uint64_t settings_version_ = 0;
  PreparedHandle empty_statement_;
};

}  // namespace eider::engine
