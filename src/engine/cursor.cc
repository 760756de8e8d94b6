#include "engine/cursor.h"

#include <utility>

#include "engine/memory_account.h"

namespace eider::engine {

Result<std::unique_ptr<DuckCursor>> DuckCursor::Open(std::shared_ptr<Connection> connection,
                                                     std::shared_ptr<DuckPrepared> statement, const Limits& limits) {
  auto cursor = std::make_unique<DuckCursor>(std::move(connection), std::move(statement), limits);
  EIDER_RETURN_IF_ERROR(cursor->Start());
  return cursor;
}

DuckCursor::DuckCursor(std::shared_ptr<Connection> connection, std::shared_ptr<DuckPrepared> statement,
                       const Limits& limits)
    : connection_(std::move(connection)),
      statement_(std::move(statement)),
      memory_(limits.memory),
      execution_(connection_, limits, statement_->experience()) {
  NoteChanges();
}

void DuckCursor::NoteChanges() {
  if (statement_->MayChangeRows()) ++connection_->instance().data_version;
}

DuckCursor::~DuckCursor() {
  {
    const AccountedWork work(memory_.get());
    execution_.Finish();
  }
  NoteChanges();
}

Status DuckCursor::Start() {
  const AccountedWork work(memory_.get());
  return StartAccounted();
}

Status DuckCursor::StartAccounted() {
  EIDER_RETURN_IF_ERROR(execution_.Start(statement_->handle()));
  EIDER_ASSIGN_OR_RETURN(schema_, statement_->result_schema().Get(execution_.result(), connection_->arrow_options(),
                                                                  connection_->settings_version()));
  if (duckdb_result_return_type(*execution_.result()) == DUCKDB_RESULT_TYPE_QUERY_RESULT) {
    EIDER_ASSIGN_OR_RETURN(first_, FetchAccounted());
    return {};
  }
  return ReadChangedRows();
}

Status DuckCursor::ReadChangedRows() {
  const bool counts = duckdb_result_return_type(*execution_.result()) == DUCKDB_RESULT_TYPE_CHANGED_ROWS;
  while (true) {
    EIDER_ASSIGN_OR_RETURN(const ChunkHandle chunk, execution_.Fetch());
    if (!chunk) break;
    duckdb_vector column = duckdb_data_chunk_get_vector(chunk.get(), 0);
    if (counts) rows_changed_ = static_cast<const std::int64_t*>(duckdb_vector_get_data(column))[0];
  }
  ended_ = true;
  execution_.Finish();
  return {};
}

bool DuckCursor::CountsReturnedRows() const {
  switch (statement_->type()) {
    case DUCKDB_STATEMENT_TYPE_INSERT:
    case DUCKDB_STATEMENT_TYPE_UPDATE:
    case DUCKDB_STATEMENT_TYPE_DELETE:
    case DUCKDB_STATEMENT_TYPE_MERGE_INTO: return true;
    default: return false;
  }
}

Result<std::optional<columnar::Batch>> DuckCursor::Next() {
  if (first_) return std::exchange(first_, std::nullopt);
  if (error_) return *error_;
  if (ended_) return std::optional<columnar::Batch>();
  return Fetch();
}

Result<std::optional<columnar::Batch>> DuckCursor::Fetch() {
  const AccountedWork work(memory_.get());
  return FetchAccounted();
}

Result<std::optional<columnar::Batch>> DuckCursor::FetchAccounted() {
  auto chunk = execution_.Fetch();
  if (!chunk) {
    error_ = chunk.error();
    execution_.Finish();
    return *error_;
  }
  if (!*chunk) {
    ended_ = true;
    execution_.Finish();
    return std::optional<columnar::Batch>();
  }
  ArrowArray array{};
  const ErrorHandle failure(duckdb_data_chunk_to_arrow(connection_->arrow_options(), chunk->get(), &array));
  if (failure && duckdb_error_data_has_error(failure.get())) {
    error_ = EngineError(duckdb_error_data_message(failure.get()));
    execution_.Finish();
    return *error_;
  }
  if (CountsReturnedRows()) rows_changed_ += array.length;
  return std::optional<columnar::Batch>(columnar::Batch(schema_, array));
}

}  // namespace eider::engine
