#include "engine/memory_use.h"

namespace eider::engine {
namespace {

constexpr const char* kSql =
    "SELECT CAST(coalesce(sum(CASE WHEN kept THEN 0 ELSE bytes END), 0) AS BIGINT), "
    "CAST(coalesce(sum(CASE WHEN kept THEN bytes ELSE 0 END), 0) AS BIGINT) "
    "FROM (SELECT memory_usage_bytes AS bytes, tag IN ('BASE_TABLE', 'IN_MEMORY_TABLE', 'ART_INDEX', 'METADATA', "
    "'OBJECT_CACHE', 'EXTERNAL_FILE_CACHE', 'TRANSACTION') AS kept FROM duckdb_memory())";

std::int64_t BigIntAt(duckdb_data_chunk chunk, idx_t column) {
  duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, column);
  return static_cast<const std::int64_t*>(duckdb_vector_get_data(vector))[0];
}

}  // namespace

std::optional<MemoryAccount::Use> MemoryUseReader::Read() {
  if (!connection_ && duckdb_connect(database_, connection_.Out()) != DuckDBSuccess) return std::nullopt;
  if (!statement_ && duckdb_prepare(connection_.get(), kSql, statement_.Out()) != DuckDBSuccess) return std::nullopt;
  ResultHandle result;
  if (duckdb_execute_prepared(statement_.get(), result.Out()) != DuckDBSuccess) return std::nullopt;
  const ChunkHandle chunk(duckdb_fetch_chunk(*result.get()));
  if (!chunk || duckdb_data_chunk_get_size(chunk.get()) == 0) return std::nullopt;
  return MemoryAccount::Use{BigIntAt(chunk.get(), 0), BigIntAt(chunk.get(), 1)};
}

}  // namespace eider::engine
