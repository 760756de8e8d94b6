#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "engine/session.h"
#include "postgres/pg_database.h"
#include "postgres/pg_handles.h"
#include "postgres/wake_up.h"

namespace eider::postgres {

// One connection and the waits on it. Every wait ends at the limits; the connection is then given up, since the server
// may still be busy. Not thread-safe, except wake_up().Stop().
class PgConnection {
 public:
  explicit PgConnection(std::shared_ptr<PgDatabase> database) : database_(std::move(database)) {}
  ~PgConnection();
  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;

  // Connects anew and sets what every session relies on. Fails with kSourceUnavailable, kSourceCircuitOpen, or
  // as the limits say.
  Status Connect(const engine::Limits& limits);

  // Whether statements can be sent; notices a server that has closed an idle connection.
  bool IsUsable();
  bool InTransaction() const { return handle_ != nullptr && PQtransactionStatus(raw()) != PQTRANS_IDLE; }

  // Sends what libpq has queued. `sent` is what the sending function returned.
  Status Flush(int sent, const engine::Limits& limits);

  // The next result of what was sent; null at its end. Fails when the connection is lost or the limits are reached.
  Result<ResultHandle> Next(const engine::Limits& limits);

  // Reads results up to the end and returns the last one, or the first failure.
  Result<ResultHandle> Finish(const engine::Limits& limits);

  // Drops the connection; a statement that runs is cancelled in the background.
  void GiveUp();

  // Counts connections; prepared statements belong to one.
  std::uint64_t generation() const { return generation_; }
  PGconn* raw() const { return handle_.get(); }
  WakeUp& wake_up() { return wake_up_; }
  PgDatabase& database() { return *database_; }

 private:
  Status Open(const engine::Limits& limits);
  Status SetUp(const engine::Limits& limits);
  Error Lost();

  const std::shared_ptr<PgDatabase> database_;
  WakeUp wake_up_;
  ConnectionHandle handle_;
  std::uint64_t generation_ = 0;
};

}  // namespace eider::postgres
