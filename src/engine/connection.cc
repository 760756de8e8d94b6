#include "engine/connection.h"

namespace eider::engine {

Result<std::shared_ptr<Connection>> Connection::Open(std::shared_ptr<Instance> instance) {
  ConnectionHandle handle;
  if (duckdb_connect(instance->database.get(), handle.Out()) != DuckDBSuccess) {
    return Error(ErrorCode::kSourceUnavailable, "the engine refuses a connection");
  }
  return std::make_shared<Connection>(std::move(instance), std::move(handle));
}

duckdb_arrow_options Connection::arrow_options() {
  if (!arrow_options_) duckdb_connection_get_arrow_options(handle_.get(), arrow_options_.Out());
  return arrow_options_.get();
}

void Connection::SettingsChanged() {
  ++settings_version_;
  arrow_options_.Reset();
}

void Connection::EndAbandonedStatement() {
  interruption_.Repeat();
  if (!empty_statement_ && duckdb_prepare(handle_.get(), "SELECT 1", empty_statement_.Out()) != DuckDBSuccess) return;
  ResultHandle ignored;
  (void)duckdb_execute_prepared(empty_statement_.get(), ignored.Out());
}

}  // namespace eider::engine
