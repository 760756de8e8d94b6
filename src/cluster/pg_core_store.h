#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

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
  std::int64_t outages() const override { return outages_; }

  // A session for migrations, which take more than one message.
  Result<engine::SessionPool::Lease> Acquire(const Deadline& deadline) { return pool_->Acquire({deadline, {}}); }
  // Told what each call was, how long it took and whether the database answered. Set before the first thread calls.
  using Observer = std::function<void(std::string_view operation, std::chrono::nanoseconds time, bool answered)>;
  void set_observer(Observer observer) { observer_ = std::move(observer); }
  std::size_t open_sessions() const { return pool_->open_sessions(); }
  const postgres::Dsn& dsn() const { return dsn_; }
  const std::string& schema() const { return schema_; }

 private:
  PgCoreStore(postgres::Dsn dsn, const PgCoreOptions& options);
  Error Failed(Error error);
  void Observe(std::string_view operation, Deadline::Clock::time_point started, const Error* error) const;
  Result<std::vector<engine::TextRow>> ReadRows(std::string_view sql, const engine::Parameters& parameters,
                                                const Deadline& deadline);
  Result<std::int64_t> ChangeRows(std::string_view sql, const engine::Parameters& parameters, const Deadline& deadline);
  Status ApplyAll(const CoreChange& change, const Deadline& deadline);

  const postgres::Dsn dsn_;
  const std::string schema_;
  std::unique_ptr<engine::SessionPool> pool_;
  Observer observer_;
  std::atomic<Deadline::Clock::time_point> last_answer_{Deadline::Clock::now()};
  std::atomic<std::int64_t> outages_ = 0;
};

}  // namespace eider::cluster
