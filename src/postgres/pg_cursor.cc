#include "postgres/pg_cursor.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "postgres/pg_error.h"

namespace eider::postgres {

std::int64_t ChangedRows(PGresult* result) {
  static constexpr std::string_view kChanges[] = {"INSERT", "UPDATE", "DELETE", "MERGE"};
  const std::string_view command = PQcmdStatus(result);
  const bool changes = std::any_of(std::begin(kChanges), std::end(kChanges),
                                   [&](std::string_view word) { return command.starts_with(word); });
  const std::string_view count = PQcmdTuples(result);
  std::int64_t rows = 0;
  if (changes) std::from_chars(count.data(), count.data() + count.size(), rows);
  return rows;
}

PgCursor::PgCursor(PgConnection& connection, std::shared_ptr<PgPrepared> statement, const engine::Limits& limits)
    : connection_(connection),
      statement_(std::move(statement)),
      limits_(limits) {
  statement_->rows().Reset();
  if (limits_.stop.stop_possible()) on_stop_.emplace(limits_.stop, StopWaker{&connection_.wake_up()});
}

PgCursor::~PgCursor() {
  on_stop_.reset();
  if (!ended_) connection_.GiveUp();
}

Status PgCursor::Start(std::string& sql_state) {
  auto first = Fetch();
  sql_state = sql_state_;
  if (!first) return std::move(first).error();
  first_ = std::move(*first);
  return {};
}

Result<std::optional<columnar::Batch>> PgCursor::Next() {
  if (first_) return std::exchange(first_, std::nullopt);
  return Fetch();
}

Result<std::optional<columnar::Batch>> PgCursor::Fetch() {
  RowBuilder& rows = statement_->rows();
  while (!ended_ && !rows.is_full()) {
    auto more = ReadResult();
    if (more && *more) continue;
    if (!more && !error_) error_ = more.error();
    ended_ = true;
  }
  if (error_) return *error_;
  if (rows.is_empty()) return std::optional<columnar::Batch>();
  return std::optional<columnar::Batch>(rows.Finish());
}

Result<bool> PgCursor::ReadResult() {
  EIDER_ASSIGN_OR_RETURN(const ResultHandle result, connection_.Next(limits_));
  if (result == nullptr) return false;
  switch (PQresultStatus(result.get())) {
    case PGRES_SINGLE_TUPLE:
      if (error_) return true;
      if (Status added = AppendRow(result.get()); !added) {
        connection_.GiveUp();
        return std::move(added).error();
      }
      return true;
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK: rows_changed_ = ChangedRows(result.get()); return true;
    case PGRES_EMPTY_QUERY: return true;
    case PGRES_FATAL_ERROR:
    case PGRES_BAD_RESPONSE:
      sql_state_ = SqlState(result.get());
      if (!error_) error_ = ResultError(result.get());
      return true;
    default: connection_.GiveUp(); return Error(ErrorCode::kBadInput, "COPY cannot be run here");
  }
}

Status PgCursor::AppendRow(const PGresult* row) {
  RowBuilder& rows = statement_->rows();
  const int columns = PQnfields(row);
  if (static_cast<std::size_t>(columns) != rows.column_count()) {
    return Error(ErrorCode::kInternal, ErrorSource::kDependency, "PostgreSQL sent a row of another statement");
  }
  for (int i = 0; i < columns; ++i) {
    std::optional<std::string_view> value;
    if (PQgetisnull(row, 0, i) == 0) value.emplace(PQgetvalue(row, 0, i), PQgetlength(row, 0, i));
    EIDER_RETURN_IF_ERROR(rows.Append(static_cast<std::size_t>(i), value));
  }
  rows.EndRow();
  return {};
}

}  // namespace eider::postgres
