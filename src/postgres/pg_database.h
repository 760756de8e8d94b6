#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

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
  // What a database is spared that the node itself needs soon again.
  static CircuitBreaker::Options ShortPauses() {
    constexpr std::chrono::milliseconds kPause{2000};
    return {.failures = 3, .reset = kPause, .longest = kPause};
  }

  PgDatabase(Dsn how, bool only_reads, CircuitBreaker::Options spared = ShortPauses())
      : dsn(std::move(how)),
        read_only(only_reads),
        breaker(std::make_shared<CircuitBreaker>(std::move(spared))) {}
  // What the reaper still does must not wait for a server that is silent.
  ~PgDatabase() { pulse->Ask(); }
  PgDatabase(const PgDatabase&) = delete;
  PgDatabase& operator=(const PgDatabase&) = delete;

  const Dsn dsn;
  const bool read_only;  // The server refuses writes of these sessions.
  const std::shared_ptr<CircuitBreaker> breaker;
  // Asked whether it would encrypt a connection. Two numbers in network order: the length, the code of the question.
  const std::shared_ptr<async::Pulse> pulse = std::make_shared<async::Pulse>(
      "PostgreSQL at " + dsn.Address(), async::Pulse::Question{{0, 0, 0, 8, 4, '\xd2', 0x16, 0x2f}});
  TypeCatalog types;
  ConnectionReaper reaper;
};

}  // namespace eider::postgres
