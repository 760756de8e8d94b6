#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace eider::postgres {

// How a PostgreSQL database is reached. Holds a password: never printed.
struct Dsn {
  std::vector<std::pair<std::string, std::string>> parameters;  // As libpq names them.
  std::chrono::seconds connect_timeout{10};
  std::size_t max_sessions = 16;

  // The parameters as libpq's `key='value' …` text.
  std::string ToConnectionText() const;

  // "host:port/database", for messages.
  std::string Address() const;
};

// Reads `postgres://…`, `postgresql://…` or libpq's `key=value …`. The parameters `connect_timeout` (seconds) and
// `pool_max_conns` (sessions at most) are kept. Fails with kBadInput, without quoting the text.
Result<Dsn> ParseDsn(const std::string& text);

}  // namespace eider::postgres
