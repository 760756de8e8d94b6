#pragma once

#include <memory>
#include <string>

#include "base/circuit_breaker.h"
#include "engine/session_pool.h"
#include "postgres/connection_reaper.h"
#include "postgres/dsn.h"
#include "postgres/pulse.h"
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
  const std::shared_ptr<Pulse> pulse = std::make_shared<Pulse>(dsn.Address());
  TypeCatalog types;
  ConnectionReaper reaper;
};

}  // namespace eider::postgres
