#include "query/recording_session.h"

#include <chrono>
#include <utility>

namespace eider::query {
namespace {

using Clock = std::chrono::steady_clock;

std::int64_t Since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count();
}

// Counts what a statement reads or changes, and its time up to the end.
class RecordingCursor final : public engine::Cursor {
 public:
  RecordingCursor(std::unique_ptr<engine::Cursor> cursor, RanStatement& statement)
      : cursor_(std::move(cursor)),
        statement_(statement) {}

  std::shared_ptr<const columnar::BatchSchema> schema() const override { return cursor_->schema(); }
  std::int64_t rows_changed() const override { return cursor_->rows_changed(); }
  Result<std::optional<columnar::Batch>> Next() override {
    const auto start = Clock::now();
    auto batch = cursor_->Next();
    statement_.time_ns += Since(start);
    if (batch && *batch) statement_.rows += (*batch)->rows();
    if (batch && !*batch && statement_.rows == 0) statement_.rows = cursor_->rows_changed();
    return batch;
  }

 private:
  const std::unique_ptr<engine::Cursor> cursor_;
  RanStatement& statement_;
};

Result<std::unique_ptr<engine::Cursor>> Recorded(Result<std::unique_ptr<engine::Cursor>> cursor, RanStatement& ran,
                                                 Clock::time_point start) {
  ran.time_ns = Since(start);
  if (!cursor) return cursor;
  return std::unique_ptr<engine::Cursor>(std::make_unique<RecordingCursor>(std::move(*cursor), ran));
}

}  // namespace

RanStatement& RecordingSession::Note(std::string_view sql, const engine::Parameters& parameters) {
  return log_.emplace_back(RanStatement{std::string(sql), parameters});
}

Result<std::shared_ptr<engine::PreparedStatement>> RecordingSession::Prepare(std::string_view sql) {
  auto prepared = session_.Prepare(sql);
  if (prepared) {
    prepared_ = *prepared;
    prepared_sql_ = sql;
  }
  return prepared;
}

Result<std::unique_ptr<engine::Cursor>> RecordingSession::Execute(
    const std::shared_ptr<engine::PreparedStatement>& statement, const engine::Parameters& parameters,
    const engine::Limits& limits) {
  RanStatement& ran = Note(statement == prepared_ ? prepared_sql_ : std::string(), parameters);
  const auto start = Clock::now();
  return Recorded(session_.Execute(statement, parameters, limits), ran, start);
}

Result<std::unique_ptr<engine::Cursor>> RecordingSession::Query(std::string_view sql,
                                                                const engine::Parameters& parameters,
                                                                const engine::Limits& limits) {
  RanStatement& ran = Note(sql, parameters);
  const auto start = Clock::now();
  return Recorded(session_.Query(sql, parameters, limits), ran, start);
}

Result<std::int64_t> RecordingSession::Run(std::string_view sql, const engine::Limits& limits) {
  RanStatement& ran = Note(sql, {});
  const auto start = Clock::now();
  auto changed = session_.Run(sql, limits);
  ran.time_ns = Since(start);
  if (changed) ran.rows = *changed;
  return changed;
}

Result<std::int64_t> RecordingSession::CopyIn(std::string_view sql, const engine::CopySource& rows,
                                              const engine::Limits& limits) {
  RanStatement& ran = Note(sql, {});
  const auto start = Clock::now();
  auto stored = session_.CopyIn(sql, rows, limits);
  ran.time_ns = Since(start);
  if (stored) ran.rows = *stored;
  return stored;
}

}  // namespace eider::query
