#include "engine/prepared.h"

#include <algorithm>
#include <array>

#include "base/text.h"
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

bool DuckPrepared::MayChangeRows() const {
  switch (type_) {
    case DUCKDB_STATEMENT_TYPE_SELECT:
    case DUCKDB_STATEMENT_TYPE_EXPLAIN:
    case DUCKDB_STATEMENT_TYPE_PREPARE:
    case DUCKDB_STATEMENT_TYPE_SET:
    case DUCKDB_STATEMENT_TYPE_VARIABLE_SET:
    case DUCKDB_STATEMENT_TYPE_PRAGMA: return false;
    default: return true;
  }
}

void DuckPrepared::MadeAt(std::uint64_t data_version, std::string_view sql) {
  const std::string text = LowerAscii(sql);
  constexpr std::array<std::string_view, 3> kAggregates = {"count(", "min(", "max("};
  reads_statistics_ =
      std::ranges::any_of(kAggregates, [&](std::string_view name) { return text.find(name) != std::string::npos; });
  data_version_ = data_version;
}

}  // namespace eider::engine
