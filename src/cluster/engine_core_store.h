#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "cluster/core_store.h"
#include "engine/database.h"
#include "engine/session.h"

namespace eider::cluster {

// How much a store has announced by now. Numbers of two stores have nothing to do with each other.
struct StorePosition {
  std::string store;  // Tells a store from any other; empty = none was seen.
  std::int64_t number = 0;

  friend bool operator==(const StorePosition&, const StorePosition&) = default;
};

// As statements for a store of this kind announce something, and count a version in the table `settings` up.
std::string EngineAnnounceSql(std::string_view channel, std::string_view payload);
std::string EngineCountUpSql(const std::string& settings, std::string_view version);

// A core database in tables of an embedded engine. It takes the statements that the store in PostgreSQL takes.
// Thread-safe; statements run one after the other.
class EngineCoreStore : public CoreStore {
 public:
  // Told of each announcement when it is committed, in order; must not block.
  using Listener = std::function<void(const StorePosition&, const CoreEvent&)>;

  // Over the node's own core database, which is attached as `core`: what it remembers of its sources. Announces
  // nothing. Fails with kInternal.
  static Result<std::unique_ptr<EngineCoreStore>> OpenIn(engine::Database& database);
  ~EngineCoreStore() override;
  EngineCoreStore(const EngineCoreStore&) = delete;
  EngineCoreStore& operator=(const EngineCoreStore&) = delete;

  using CoreStore::Apply;
  using CoreStore::Change;
  using CoreStore::Read;

  // Somebody has seen `versions` of a store that is gone: from now on this one's are above them, so that nobody misses
  // that it is another one.
  Status Rise(const CoreVersions& versions);

  void set_listener(Listener listener);
  StorePosition position() const;

  std::string Table(std::string_view name) const override;
  Result<std::vector<engine::TextRow>> Read(std::string_view sql, const engine::Parameters& parameters,
                                            const Deadline& deadline) override;
  Result<std::int64_t> Change(std::string_view sql, const engine::Parameters& parameters,
                              const Deadline& deadline) override;
  Status Apply(const CoreChange& change, const Deadline& deadline) override;
  std::string Announce(std::string_view channel, std::string_view payload) const override;
  std::string CountUp(std::string_view version) const override;
  Result<CoreVersions> Versions(const Deadline& deadline) override;
  Result<std::chrono::microseconds> ClockOffset(const Deadline&) override { return std::chrono::microseconds(0); }
  Deadline::Clock::time_point last_answer() const override { return Deadline::Clock::now(); }

 protected:
  // Tables are named `prefix` and their name.
  EngineCoreStore(std::string id, std::string prefix) : prefix_(std::move(prefix)), position_{std::move(id)} {}

  // Takes the session that statements run on, after `sql`.
  Status Begin(std::unique_ptr<engine::Session> session, std::string_view sql);
  void End() { session_.reset(); }
  // Notes an announcement of the statement that runs.
  void Note(CoreEvent event);

 private:
  Result<std::vector<engine::TextRow>> ReadRows(std::string_view sql, const engine::Parameters& parameters,
                                                const Deadline& deadline) REQUIRES_LOCK(mutex_);
  Result<std::int64_t> ChangeRows(std::string_view sql, const engine::Parameters& parameters, const Deadline& deadline)
      REQUIRES_LOCK(mutex_);
  Status RunChange(const CoreChange& change, const Deadline& deadline) REQUIRES_LOCK(mutex_);
  Status CheckFence(const CoreChange& change, const Deadline& deadline) REQUIRES_LOCK(mutex_);
  Result<CoreVersions> ReadVersions(const Deadline& deadline) REQUIRES_LOCK(mutex_);
  // Tells what the statement before has announced, or forgets it.
  void Deliver(bool committed) REQUIRES_LOCK(mutex_);

  const std::string prefix_;
  std::unique_ptr<engine::Session> session_;
  mutable Mutex mutex_;
  StorePosition position_ GUARDED_BY(mutex_);
  Listener listener_ GUARDED_BY(mutex_);
  Mutex announced_mutex_;  // Taken on the engine's threads, inside a statement.
  std::vector<CoreEvent> announced_ GUARDED_BY(announced_mutex_);
};

}  // namespace eider::cluster
