#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "engine/text_rows.h"
#include "engine/value.h"

namespace eider::cluster {

// Counters of the core database. Each grows by one in the transaction of the change that it counts.
struct CoreVersions {
  std::int64_t schema = 0;      // Sources that were loaded, reloaded or unloaded.
  std::int64_t permission = 0;  // Roles, permissions, limits and keys.
  std::int64_t storage = 0;     // Object storages.
  std::int64_t rows = 0;        // Rows of any table that users write.

  friend bool operator==(const CoreVersions&, const CoreVersions&) = default;
};

// The management lease as its holder knows it; the epoch is the fencing token.
struct LeaseToken {
  std::int64_t epoch = 0;
  std::string incarnation;
};

// What a caller whose lease is gone is told.
inline constexpr std::string_view kLeaseLost = "management lease lost";

// Statements of one transaction, all or nothing. Tables are named by CoreStore::Table().
struct CoreChange {
  std::vector<std::string> statements;
  std::optional<LeaseToken> lease;           // Only while this lease is held.
  std::optional<std::int64_t> rows_version;  // Only while `rows` is still this; it grows by one then.
};

// Something that was announced on a channel; an empty channel stands for "look at everything".
struct CoreEvent {
  std::string channel;
  std::string payload;
};

// The database that the nodes of a cluster share. Every call ends at its deadline, and fails with kCoreUnavailable when
// the database cannot be reached. Thread-safe; owned by the composition root.
class CoreStore {
 public:
  static constexpr std::chrono::seconds kPatience{2};

  virtual ~CoreStore() = default;

  // The name of a table in statements.
  virtual std::string Table(std::string_view name) const = 0;

  // Runs one statement whose columns are all text and returns its rows.
  virtual Result<std::vector<engine::TextRow>> Read(std::string_view sql, const engine::Parameters& parameters,
                                                    const Deadline& deadline) = 0;

  // Runs one statement and counts the rows that it has changed.
  virtual Result<std::int64_t> Change(std::string_view sql, const engine::Parameters& parameters,
                                      const Deadline& deadline) = 0;

  // Runs a whole transaction in one message, so that a process that freezes leaves none half-way. Fails with kForbidden
  // and kLeaseLost without the lease, and kConstraint when `rows_version` has moved.
  virtual Status Apply(const CoreChange& change, const Deadline& deadline) = 0;

  // A statement for Apply() that tells all nodes once it is committed. `payload` is at most 512 bytes of JSON.
  virtual std::string Announce(std::string_view channel, std::string_view payload) const = 0;

  // Statements for Apply() that count a version up: "schema_version", "permission_version", "storage_generation".
  virtual std::string CountUp(std::string_view version) const = 0;

  // All versions, from one row.
  virtual Result<CoreVersions> Versions(const Deadline& deadline) = 0;

  // How far the database's clock is ahead of this machine's, measured by a round trip.
  virtual Result<std::chrono::microseconds> ClockOffset(const Deadline& deadline) = 0;

  // When the database has answered last.
  virtual Deadline::Clock::time_point last_answer() const = 0;

  // How often it could not be reached. What it had acknowledged before may be gone: a replica that takes over may lack
  // the last transactions, and then counts others with the same numbers.
  virtual std::int64_t outages() const { return 0; }

  Result<std::vector<engine::TextRow>> Read(std::string_view sql, const engine::Parameters& parameters = {}) {
    return Read(sql, parameters, Deadline::After(kPatience));
  }
  Result<std::int64_t> Change(std::string_view sql, const engine::Parameters& parameters = {}) {
    return Change(sql, parameters, Deadline::After(kPatience));
  }
  Status Apply(const CoreChange& change) { return Apply(change, Deadline::After(kPatience)); }
};

}  // namespace eider::cluster
