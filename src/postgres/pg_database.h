#pragma once

#include <memory>
#include <string>

#include "async/pulse.h"
#include "base/circuit_breaker.h"
#include "engine/session_pool.h"
#include "postgres/connection_reaper.h"
#include "postgres/dsn.h"
#include "postgres/type_catalog.h"

namespace eider::postgres {

// What the sessions of one PostgreSQL source share. Immutable but for its thread-safe parts; kept alive by its
// sessions.
struct PgDatabase {
  PgDatabase(Dsn how, bool only_reads) : dsn(std::move(how)), read_only(only_reads) {}
  // What the reaper still does must not wait for a server that is silent.
  ~PgDatabase() { pulse->Ask(); }
  PgDatabase(const PgDatabase&) = delete;
  PgDatabase& operator=(const PgDatabase&) = delete;

  const Dsn dsn;
  const bool read_only;  // The server refuses writes of these sessions.
  const std::shared_ptr<CircuitBreaker> breaker = std::make_shared<CircuitBreaker>(CircuitBreaker::Options{});
  // Asked whether it would encrypt a connection. Two numbers in network order: the length, the code of the question.
  const std::shared_ptr<async::Pulse> pulse = std::make_shared<async::Pulse>(
      "PostgreSQL at " + dsn.Address(), async::Pulse::Question{{0, 0, 0, 8, 4, '\xd2', 0x16, 0x2f}});
  TypeCatalog types;
  ConnectionReaper reaper;
};

}  // namespace eider::postgres
