#pragma once

#include <duckdb.h>

#include <optional>

#include "engine/duckdb_handles.h"
#include "engine/memory_account.h"

namespace eider::engine {

// Reads what the engine counts, over a connection of its own. Used by one thread.
class MemoryUseReader {
 public:
  // REQUIRES: `database` outlives the reader.
  explicit MemoryUseReader(duckdb_database database) : database_(database) {}

  // Nothing when the engine has no answer. Takes about half a millisecond.
  std::optional<MemoryAccount::Use> Read();

 private:
  const duckdb_database database_;
  ConnectionHandle connection_;
  PreparedHandle statement_;
};

}  // namespace eider::engine
