#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "engine/database.h"
#include "engine/duckdb_handles.h"
#include "engine/extensions.h"
#include "engine/statement_calls.h"
#include "engine/watchdog.h"
#include "engine/worker_crew.h"

namespace eider::engine {

// What the sessions of one database share. Sessions hold it by shared_ptr, so that an idle session may be closed after
// its Database.
struct Instance {
  Instance(DatabaseHandle handle, std::string zone, int worker_threads)
      : database(std::move(handle)),
        time_zone(std::move(zone)),
        crew(database.get(), worker_threads),
        watchdog(database.get(), crew) {}

  DatabaseHandle database;
  const std::string time_zone;  // Where every session starts.
  LoadedExtensions extensions;
  std::atomic<std::uint64_t> data_version = 0;  // Counts starts and ends of statements that may change rows.
  CallTable calls;
  WorkerCrew crew;
  Watchdog watchdog;
};

// The implementation of Database; Session::Open() relies on there being no other.
class DuckDatabase final : public Database {
 public:
  explicit DuckDatabase(std::shared_ptr<Instance> instance) : instance_(std::move(instance)) {}

  std::string version() const override { return duckdb_library_version(); }
  Usage GetUsage() const override;
  Status AddFunction(const BatchFunction& function) override;
  Status AddTextFunction(TextFunction function) override;
  const std::shared_ptr<Instance>& instance() const { return instance_; }

 private:
  const std::shared_ptr<Instance> instance_;
  mutable Mutex mutex_;
  mutable ConnectionHandle usage_connection_ GUARDED_BY(mutex_);
};

}  // namespace eider::engine
