#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "cluster/core_store.h"
#include "engine/session_pool.h"
#include "postgres/dsn.h"

namespace eider::cluster {

struct PgCoreOptions {
  std::string path;  // postgres://… or libpq's key=value text.
  std::string schema = "eider";
  std::size_t pool_size = 8;
};

// Whether `path` names a PostgreSQL database.
bool IsPostgresPath(std::string_view path);

// The core database in PostgreSQL, over a pool of its own sessions.
class PgCoreStore final : public CoreStore {
 public:
  // Reads the path; connects with the first call. Fails with kBadInput.
  static Result<std::unique_ptr<PgCoreStore>> Open(const PgCoreOptions& options);

  using CoreStore::Apply;
  using CoreStore::Change;
  using CoreStore::Read;

  std::string Table(std::string_view name) const override;
  Result<std::vector<engine::TextRow>> Read(std::string_view sql, const engine::Parameters& parameters,
                                            const Deadline& deadline) override;
  Result<std::int64_t> Change(std::string_view sql, const engine::Parameters& parameters,
                              const Deadline& deadline) override;
  Status Apply(const CoreChange& change, const Deadline& deadline) override;
  std::string Announce(std::string_view channel, std::string_view payload) const override;
  std::string CountUp(std::string_view version) const override;
  Result<CoreVersions> Versions(const Deadline& deadline) override;
  Result<std::chrono::microseconds> ClockOffset(const Deadline& deadline) override;
  Deadline::Clock::time_point last_answer() const override { return last_answer_.load(); }

  // A session for migrations, which take more than one message.
  Result<engine::SessionPool::Lease> Acquire(const Deadline& deadline) { return pool_->Acquire({deadline, {}}); }
  std::size_t open_sessions() const { return pool_->open_sessions(); }
  const postgres::Dsn& dsn() const { return dsn_; }
  const std::string& schema() const { return schema_; }

 private:
  PgCoreStore(postgres::Dsn dsn, const PgCoreOptions& options);
  Error Failed(Error error);

  const postgres::Dsn dsn_;
  const std::string schema_;
  std::unique_ptr<engine::SessionPool> pool_;
  std::atomic<Deadline::Clock::time_point> last_answer_{Deadline::Clock::now()};
};

}  // namespace eider::cluster
