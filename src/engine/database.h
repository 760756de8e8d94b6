#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/result.h"

namespace eider::engine {

struct DatabaseOptions {
  std::string path;                     // Empty = in memory.
  std::int64_t memory_limit_bytes = 0;  // 0 = the engine's default (80 % of memory).
  std::string temp_directory;           // Spill folder; empty = the engine's default.
  int threads = 0;                      // 0 = number of cores.
  std::string extension_directory;
  std::string time_zone = "UTC";                // Default session zone.
  std::map<std::string, std::string> settings;  // Further engine settings, applied or refused.
};

struct BatchFunction;
struct TextFunction;

// The embedded DuckDB of a node. Owned by the composition root and outlives every Session. All methods may be called
// from any thread.
class Database {
 public:
  // Opens or creates the database. Fails with kSourceUnavailable (missing, locked or broken file) or kBadInput
  // (unknown setting).
  static Result<std::unique_ptr<Database>> Open(const DatabaseOptions& options);
  virtual ~Database() = default;

  // The engine's version, such as "v1.5.5".
  virtual std::string version() const = 0;

  // Bytes held by the buffer manager, and bytes spilled to the temp directory.
  struct Usage {
    std::int64_t memory_bytes = 0;
    std::int64_t temp_bytes = 0;
  };
  virtual Usage GetUsage() const = 0;

  // Makes `function` known to all sessions; before the first of them runs anything. Fails with kInternal when the
  // engine refuses it.
  virtual Status AddFunction(const BatchFunction& function) = 0;

  // Makes `function` known to all sessions. Fails with kInternal when the engine refuses it.
  virtual Status AddTextFunction(TextFunction function) = 0;
};

}  // namespace eider::engine
