#include "engine/session_casts.h"

namespace eider::engine {

void ConnectionCasts::SetZone(bool is_utc) {
  zone_is_utc_ = is_utc;
  instant_.Reset();
}

Result<std::optional<std::int64_t>> ConnectionCasts::InstantInZone(const std::string& text) {
  // A failing cast would end the caller's transaction; TRY_CAST does not.
  return Ask(instant_, "SELECT epoch_us(TRY_CAST($1::VARCHAR AS TIMESTAMPTZ))", text);
}

Result<bool> ConnectionCasts::IsJson(const std::string& text) {
  EIDER_ASSIGN_OR_RETURN(const auto valid, Ask(json_, "SELECT json_valid($1::VARCHAR)::BIGINT", text));
  return valid.value_or(0) != 0;
}

Result<std::optional<std::int64_t>> ConnectionCasts::Ask(PreparedHandle& statement, const char* sql,
                                                         const std::string& text) {
  if (!statement && duckdb_prepare(connection_->raw(), sql, statement.Out()) != DuckDBSuccess) {
    Error error = EngineError(duckdb_prepare_error(statement.get()));
    statement.Reset();
    return error;
  }
  if (duckdb_bind_varchar_length(statement.get(), 1, text.data(), text.size()) != DuckDBSuccess) {
    return std::optional<std::int64_t>();
  }
  ResultHandle result;
  if (duckdb_execute_prepared(statement.get(), result.Out()) != DuckDBSuccess) {
    return EngineError(duckdb_result_error(result.get()));
  }
  const ChunkHandle chunk(duckdb_fetch_chunk(*result.get()));
  if (!chunk || duckdb_data_chunk_get_size(chunk.get()) == 0) return std::optional<std::int64_t>();
  duckdb_vector column = duckdb_data_chunk_get_vector(chunk.get(), 0);
  std::uint64_t* validity = duckdb_vector_get_validity(column);
  if (validity != nullptr && !duckdb_validity_row_is_valid(validity, 0)) return std::optional<std::int64_t>();
  return std::optional<std::int64_t>(static_cast<const std::int64_t*>(duckdb_vector_get_data(column))[0]);
}

}  // namespace eider::engine
