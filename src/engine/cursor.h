#pragma once

#include <memory>
#include <optional>

#include "engine/execution.h"
#include "engine/prepared.h"
#include "engine/session.h"

namespace eider::engine {

// The implementation of Cursor over an Execution. Holds the connection's state alive, but not the session.
class DuckCursor final : public Cursor {
 public:
  // Starts `statement`, whose parameters are bound, and waits for its first batch.
  static Result<std::unique_ptr<DuckCursor>> Open(std::shared_ptr<Connection> connection,
                                                  std::shared_ptr<DuckPrepared> statement, const Limits& limits);

  DuckCursor(std::shared_ptr<Connection> connection, std::shared_ptr<DuckPrepared> statement, const Limits& limits);
  ~DuckCursor() override;

  std::shared_ptr<const columnar::BatchSchema> schema() const override { return schema_; }
  Result<std::optional<columnar::Batch>> Next() override;
  std::int64_t rows_changed() const override { return rows_changed_; }

 private:
  Status Start();
  Status StartAccounted();
  // Tells all sessions, before and after, that rows may have changed.
  void NoteChanges();
  Result<std::optional<columnar::Batch>> Fetch();
  Result<std::optional<columnar::Batch>> FetchAccounted();
  // Reads the count that DML without RETURNING gives as its only row.
  Status ReadChangedRows();
  bool CountsReturnedRows() const;

  const std::shared_ptr<Connection> connection_;
  const std::shared_ptr<DuckPrepared> statement_;
  const std::shared_ptr<MemoryAccount> memory_;
  Execution execution_;
  std::shared_ptr<const columnar::BatchSchema> schema_;
  std::optional<columnar::Batch> first_;
  std::optional<Error> error_;  // What ended the statement; every later Next() repeats it.
  bool ended_ = false;
  std::int64_t rows_changed_ = 0;
};

}  // namespace eider::engine
