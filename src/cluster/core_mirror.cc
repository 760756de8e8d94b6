#include "cluster/core_mirror.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "cluster/core_database.h"
#include "cluster/mirror_tables.h"

namespace eider::cluster {
namespace {

constexpr int kPushTries = 3;
constexpr std::string_view kPermChannel = "eider_perm";
constexpr std::string_view kRowsChannel = "eider_rows";

std::string EngineTable(const MirrorTable& table) { return "core.eider." + std::string(table.name); }

// What `after` changes of `before`, done to `now`. Nothing when somebody has changed the same rows otherwise.
std::optional<MirrorRows> Rebase(const MirrorRows& before, const MirrorRows& after, MirrorRows now) {
  const auto same = [](const MirrorRows& a, const MirrorRows& b, const auto& key) {
    const auto in_a = a.find(key);
    const auto in_b = b.find(key);
    if (in_a == a.end() || in_b == b.end()) return in_a == a.end() && in_b == b.end();
    return in_a->second == in_b->second;
  };
  for (const auto& [key, row] : before) {
    if (after.contains(key)) continue;
    if (!same(before, now, key)) return std::nullopt;
    now.erase(key);
  }
  for (const auto& [key, row] : after) {
    if (same(before, after, key)) continue;
    if (!same(before, now, key)) return std::nullopt;
    now[key] = row;
  }
  return now;
}

Status Run(engine::Session& session, const std::string& sql) {
  if (auto done = session.Run(sql); !done) return std::move(done).error();
  return {};
}

Error ChangedByOthers() {
  return Error(ErrorCode::kConstraint, "the same rows were changed by another node at the same time; try again");
}

}  // namespace

Result<MirrorState> ReadMirrorRows(engine::Session& session) {
  MirrorState state;
  for (const MirrorTable& table : MirrorTables()) {
    EIDER_ASSIGN_OR_RETURN(auto rows,
                           engine::ReadTextRows(session, SelectAll(table, MirrorSide::kEngine, EngineTable(table))));
    state.emplace(table.name, ToMirrorRows(table, std::move(rows)));
  }
  return state;
}

Result<std::shared_ptr<void>> CoreMirror::TakeTurn(const Deadline& deadline) {
  MutexLock lock(turn_mutex_);
  while (turn_taken_) {
    if (turn_over_.wait_until(turn_mutex_, deadline.at()) == std::cv_status::timeout && turn_taken_) {
      return Error(ErrorCode::kCoreUnavailable, "other changes of the core database take too long; try again");
    }
  }
  turn_taken_ = true;
  return std::shared_ptr<void>(nullptr, [this](void*) { GiveTurnBack(); });
}

Result<std::shared_ptr<void>> CoreMirror::TakeUsersTurn(const Deadline& deadline) {
  if (read_only_) return Error(ErrorCode::kConstraint, "core database is read-only");
  return TakeTurn(deadline);
}

void CoreMirror::GiveTurnBack() {
  MutexLock lock(turn_mutex_);
  turn_taken_ = false;
  turn_over_.notify_one();
}

CoreVersions CoreMirror::versions() const {
  MutexLock lock(mutex_);
  return versions_;
}

Result<MirrorState> CoreMirror::ReadShared(const Deadline& deadline) {
  MirrorState state;
  for (const MirrorTable& table : MirrorTables()) {
    EIDER_ASSIGN_OR_RETURN(auto rows, store_.Read(SelectAll(table, MirrorSide::kShared, store_.Table(table.name)),
                                                  engine::Parameters(), deadline));
    state.emplace(table.name, ToMirrorRows(table, std::move(rows)));
  }
  return state;
}

Status CoreMirror::Pull(const Deadline& deadline) {
  EIDER_ASSIGN_OR_RETURN(const auto turn, TakeTurn(deadline));
  return PullInTurn(deadline);
}

Result<bool> CoreMirror::PullIfOlder(const CoreVersions& versions, const Deadline& deadline) {
  {
    MutexLock lock(mutex_);
    // What does not count rows may be noted at once.
    versions_.schema = std::max(versions_.schema, versions.schema);
    versions_.storage = std::max(versions_.storage, versions.storage);
    const bool is_newest = versions_.rows >= versions.rows && versions_.permission >= versions.permission;
    if (is_newest && outages_ == store_.outages()) return false;
  }
  EIDER_RETURN_IF_ERROR(Pull(deadline));
  return true;
}

Status CoreMirror::PullInTurn(const Deadline& deadline) {
  const std::int64_t outages = store_.outages();
  // Versions first: what is written meanwhile is pulled once more.
  EIDER_ASSIGN_OR_RETURN(const CoreVersions versions, store_.Versions(deadline));
  EIDER_ASSIGN_OR_RETURN(MirrorState shared, ReadShared(deadline));
  EIDER_RETURN_IF_ERROR(TakeOver(versions, std::move(shared), deadline));
  MutexLock lock(mutex_);
  outages_ = outages;
  return {};
}

Status CoreMirror::Restore(const CoreVersions& versions, MirrorState state) {
  const Deadline deadline = Deadline::After(CoreStore::kPatience);
  EIDER_ASSIGN_OR_RETURN(const auto turn, TakeTurn(deadline));
  // A table that was not there then is empty.
  for (const MirrorTable& table : MirrorTables()) state.try_emplace(std::string(table.name));
  return TakeOver(versions, std::move(state), deadline);
}

std::pair<CoreVersions, MirrorState> CoreMirror::Known() const {
  MutexLock lock(mutex_);
  return {versions_, base_};
}

// REQUIRES: the turn.
Status CoreMirror::TakeOver(const CoreVersions& versions, MirrorState shared, const Deadline& deadline) {
  EIDER_ASSIGN_OR_RETURN(const engine::SessionPool::Lease session, sessions_.Acquire({deadline, {}}));
  EIDER_ASSIGN_OR_RETURN(const MirrorState own, ReadMirrorRows(*session));
  std::string sql;
  for (const MirrorTable& table : MirrorTables()) {
    const auto statements = Statements(table, MirrorSide::kEngine, EngineTable(table), own.find(table.name)->second,
                                       shared.find(table.name)->second);
    for (const std::string& statement : statements) sql.append(statement).append(";");
  }
  sql.append("UPDATE core.eider.permission_version SET version = " + std::to_string(versions.permission));
  EIDER_RETURN_IF_ERROR(Run(*session, "BEGIN"));
  Status done = Run(*session, sql);
  if (done) done = Run(*session, "COMMIT");
  if (!done) {
    (void)session->Run("ROLLBACK");
    return done;
  }
  MutexLock lock(mutex_);
  versions_ = versions;
  base_ = std::move(shared);
  return {};
}

Status CoreMirror::Push(engine::Session& changing, const std::optional<LeaseToken>& lease) {
  EIDER_ASSIGN_OR_RETURN(MirrorState after, ReadMirrorRows(changing));
  const Deadline deadline = Deadline::After(CoreStore::kPatience);
  CoreVersions versions;
  MirrorState before;
  {
    MutexLock lock(mutex_);
    versions = versions_;
    before = base_;
  }
  MirrorState wanted = after;
  for (int tried = 1;; ++tried) {
    auto stored = Store(before, wanted, versions, lease, deadline);
    if (stored) {
      MutexLock lock(mutex_);
      base_ = std::move(after);
      // After others' changes the next look finds an older version here and takes them over.
      if (tried == 1) versions_ = *stored;
      return {};
    }
    if (stored.error().code != ErrorCode::kConstraint || tried >= kPushTries) return std::move(stored).error();
    EIDER_ASSIGN_OR_RETURN(versions, store_.Versions(deadline));
    EIDER_ASSIGN_OR_RETURN(MirrorState shared, ReadShared(deadline));
    MutexLock lock(mutex_);
    for (const MirrorTable& table : MirrorTables()) {
      const MirrorRows& base = base_.find(table.name)->second;
      const MirrorRows& own = after.find(table.name)->second;
      const MirrorRows& others = shared.find(table.name)->second;
      auto rows = Rebase(base, own, others);
      // Roles and what names them fit only as a whole.
      if (!rows || (table.is_access && base != own && base != others)) return ChangedByOthers();
      wanted.find(table.name)->second = std::move(*rows);
    }
    before = std::move(shared);
  }
}

Result<CoreVersions> CoreMirror::Store(const MirrorState& before, const MirrorState& after, CoreVersions versions,
                                       const std::optional<LeaseToken>& lease, const Deadline& deadline) {
  CoreChange change;
  change.lease = lease;
  bool changes_access = false;
  for (const MirrorTable& table : MirrorTables()) {
    auto statements = Statements(table, MirrorSide::kShared, store_.Table(table.name), before.find(table.name)->second,
                                 after.find(table.name)->second);
    changes_access = changes_access || (table.is_access && !statements.empty());
    std::move(statements.begin(), statements.end(), std::back_inserter(change.statements));
  }
  if (change.statements.empty()) return versions;
  change.rows_version = versions.rows;
  ++versions.rows;
  if (changes_access) {
    ++versions.permission;
    change.statements.push_back(store_.CountUp("permission_version"));
    change.statements.push_back(store_.Announce(kPermChannel, "{\"v\":" + std::to_string(versions.permission) + "}"));
  }
  change.statements.push_back(store_.Announce(kRowsChannel, "{\"v\":" + std::to_string(versions.rows) + "}"));
  EIDER_RETURN_IF_ERROR(store_.Apply(change, deadline));
  return versions;
}

}  // namespace eider::cluster
