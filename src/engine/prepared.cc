#include "engine/prepared.h"

#include "engine/engine_error.h"

namespace eider::engine {

Result<std::shared_ptr<DuckPrepared>> DuckPrepared::Prepare(duckdb_connection connection, std::string_view sql) {
  const std::string text(sql);
  PreparedHandle handle;
  if (text.find('\0') != std::string::npos) return Error(ErrorCode::kBadInput, "the statement holds a zero byte");
  if (duckdb_prepare(connection, text.c_str(), handle.Out()) != DuckDBSuccess) {
    const char* message = duckdb_prepare_error(handle.get());
    return EngineError(message == nullptr ? "the statement cannot be prepared" : message);
  }
  return std::make_shared<DuckPrepared>(std::move(handle));
}

DuckPrepared::DuckPrepared(PreparedHandle handle)
    : handle_(std::move(handle)),
      type_(duckdb_prepared_statement_type(handle_.get())),
      binder_(handle_.get()) {}

}  // namespace eider::engine
