#pragma once

#include <cstdint>
#include <string>

#include "load/statistics.h"

namespace eider::bench {

struct RawLoadOptions {
  std::string database;
  std::string sql;  // At most one parameter, an integer.
  int clients = 1;  // Threads, each with a connection and the prepared statement.
  int threads = 2;  // Of the engine.
  double seconds = 1;
  std::uint64_t requests = 0;  // Of each client; stop after so many.
  std::uint64_t ids = 0;       // The parameter is a random id up to this.
};

struct RawLoadResult {
  std::uint64_t executions = 0;
  std::uint64_t rows = 0;
  double seconds = 0;
  Latencies latencies;
};

// Runs one prepared statement through DuckDB's C API in this process and fetches every result as Arrow, as it streams
// in. Ends the process with a message when the statement fails.
RawLoadResult RunRawLoad(const RawLoadOptions& options);

}  // namespace eider::bench
