#pragma once

#include <memory>
#include <string>

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

  const Dsn dsn;
  const bool read_only;  // The server refuses writes of these sessions.
  const std::shared_ptr<CircuitBreaker> breaker = std::make_shared<CircuitBreaker>(CircuitBreaker::Options{});
  TypeCatalog types;
  ConnectionReaper reaper;
};

}  // namespace eider::postgres
