#pragma once

#include <memory>
#include <optional>
#include <stop_token>

#include "postgres/pg_prepared.h"

namespace eider::postgres {

// Wakes a session's waits when a stop token is used.
struct StopWaker {
  WakeUp* wake_up;
  void operator()() const noexcept { wake_up->Stop(); }
};

// The rows of a statement that was sent, read as they arrive. See engine::Cursor. Not thread-safe.
class PgCursor final : public engine::Cursor {
 public:
  // REQUIRES: `statement` was sent on `connection` in single-row mode; `connection` outlives it.
  PgCursor(PgConnection& connection, std::shared_ptr<PgPrepared> statement, const engine::Limits& limits);
  // Gives the connection up when rows are left.
  ~PgCursor() override;

  // Reads the first rows. `sql_state` is set when the server refuses the statement.
  Status Start(std::string& sql_state);

  std::shared_ptr<const columnar::BatchSchema> schema() const override { return statement_->rows().schema(); }
  Result<std::optional<columnar::Batch>> Next() override;
  std::int64_t rows_changed() const override { return rows_changed_; }

 private:
  Result<std::optional<columnar::Batch>> Fetch();
  // Reads one result; false at the end.
  Result<bool> ReadResult();
  Status AppendRow(const PGresult* row);

  PgConnection& connection_;
  const std::shared_ptr<PgPrepared> statement_;
  const engine::Limits limits_;
  std::optional<std::stop_callback<StopWaker>> on_stop_;
  std::optional<columnar::Batch> first_;
  std::optional<Error> error_;
  std::string sql_state_;
  std::int64_t rows_changed_ = 0;
  bool ended_ = false;
};

// Rows that INSERT, UPDATE, DELETE or MERGE has changed; 0 for any other statement.
std::int64_t ChangedRows(PGresult* result);

}  // namespace eider::postgres
