#include "cluster/engine_core_store.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "engine/change_rows.h"
#include "engine/text_rows.h"

namespace eider::cluster {
namespace {

constexpr const char* kVersionNames[] = {"schema_version", "permission_version", "storage_generation", "rows_version"};

// The functions of PostgreSQL that statements for the node's own core database call, for one session.
constexpr std::string_view kSessionMacros =
    "CREATE TEMP MACRO convert_from(bytes, encoding) AS system.main.decode(bytes);"
    "CREATE TEMP MACRO decode(text, form) AS from_base64(text);";

// The number that a version has.
std::string VersionSql(const std::string& settings, std::string_view name) {
  return "(SELECT CAST(value AS text) FROM " + settings + " WHERE key = '" + std::string(name) + "')";
}

}  // namespace

std::string EngineAnnounceSql(std::string_view channel, std::string_view payload) {
  return "SELECT pg_notify(" + QuoteLiteral(channel) + ", " + QuoteLiteral(payload) + ")";
}

std::string EngineCountUpSql(const std::string& settings, std::string_view version) {
  return "UPDATE " + settings +
         " SET value = CAST(CAST(value AS bigint) + 1 AS json) WHERE key = " + QuoteLiteral(version);
}

EngineCoreStore::~EngineCoreStore() = default;

Result<std::unique_ptr<EngineCoreStore>> EngineCoreStore::OpenIn(engine::Database& database) {
  std::unique_ptr<EngineCoreStore> store(new EngineCoreStore("own", "core.eider."));
  EIDER_ASSIGN_OR_RETURN(auto session, engine::Session::Open(database, {}));
  EIDER_RETURN_IF_ERROR(store->Begin(std::move(session), kSessionMacros));
  return store;
}

Status EngineCoreStore::Begin(std::unique_ptr<engine::Session> session, std::string_view sql) {
  MutexLock lock(mutex_);
  session_ = std::move(session);
  if (auto done = session_->Run(sql); !done) return std::move(done).error();
  return {};
}

void EngineCoreStore::Note(CoreEvent event) {
  MutexLock lock(announced_mutex_);
  announced_.push_back(std::move(event));
}

std::string EngineCoreStore::Table(std::string_view name) const { return prefix_ + QuoteIdentifier(name); }

std::string EngineCoreStore::Announce(std::string_view channel, std::string_view payload) const {
  return EngineAnnounceSql(channel, payload);
}

std::string EngineCoreStore::CountUp(std::string_view version) const {
  return EngineCountUpSql(Table("settings"), version);
}

Status EngineCoreStore::Rise(const CoreVersions& versions) {
  const Deadline deadline = Deadline::After(kPatience);
  MutexLock lock(mutex_);
  EIDER_ASSIGN_OR_RETURN(const CoreVersions own, ReadVersions(deadline));
  const std::int64_t seen[] = {versions.schema, versions.permission, versions.storage, versions.rows};
  const std::int64_t mine[] = {own.schema, own.permission, own.storage, own.rows};
  CoreChange change;
  for (std::size_t i = 0; i < std::size(seen); ++i) {
    if (seen[i] < mine[i]) continue;
    change.statements.push_back("UPDATE " + Table("settings") + " SET value = '" + std::to_string(seen[i] + 1) +
                                "' WHERE key = " + QuoteLiteral(kVersionNames[i]));
  }
  if (change.statements.empty()) return {};
  // Whoever has seen the lower ones looks again.
  change.statements.push_back(Announce("eider_schema", "{}"));
  Status done = RunChange(change, deadline);
  Deliver(done.has_value());
  return done;
}

void EngineCoreStore::set_listener(Listener listener) {
  MutexLock lock(mutex_);
  listener_ = std::move(listener);
}

StorePosition EngineCoreStore::position() const {
  MutexLock lock(mutex_);
  return position_;
}

void EngineCoreStore::Deliver(bool committed) {
  std::vector<CoreEvent> events;
  {
    MutexLock lock(announced_mutex_);
    events.swap(announced_);
  }
  if (!committed) return;
  for (const CoreEvent& event : events) {
    ++position_.number;
    if (listener_) listener_(position_, event);
  }
}

Result<std::vector<engine::TextRow>> EngineCoreStore::ReadRows(std::string_view sql,
                                                               const engine::Parameters& parameters,
                                                               const Deadline& deadline) {
  return engine::ReadTextRows(*session_, sql, parameters, {deadline, {}});
}

Result<std::int64_t> EngineCoreStore::ChangeRows(std::string_view sql, const engine::Parameters& parameters,
                                                 const Deadline& deadline) {
  return engine::ChangeRows(*session_, sql, parameters, {deadline, {}});
}

Result<std::vector<engine::TextRow>> EngineCoreStore::Read(std::string_view sql, const engine::Parameters& parameters,
                                                           const Deadline& deadline) {
  MutexLock lock(mutex_);
  auto rows = ReadRows(sql, parameters, deadline);
  Deliver(rows.has_value());
  return rows;
}

Result<std::int64_t> EngineCoreStore::Change(std::string_view sql, const engine::Parameters& parameters,
                                             const Deadline& deadline) {
  MutexLock lock(mutex_);
  auto changed = ChangeRows(sql, parameters, deadline);
  Deliver(changed.has_value());
  return changed;
}

Status EngineCoreStore::CheckFence(const CoreChange& change, const Deadline& deadline) {
  if (change.lease) {
    EIDER_ASSIGN_OR_RETURN(const auto held, ReadRows("SELECT node_id FROM " + Table("cluster_lease") +
                                                         " WHERE epoch = $1 AND incarnation = $2",
                                                     {change.lease->epoch, change.lease->incarnation}, deadline));
    if (held.empty()) return Error(ErrorCode::kForbidden, std::string(kLeaseLost));
  }
  if (!change.rows_version) return {};
  EIDER_ASSIGN_OR_RETURN(const CoreVersions versions, ReadVersions(deadline));
  if (versions.rows == *change.rows_version) return {};
  return Error(ErrorCode::kConstraint, "the core database was changed at the same time; send the request again");
}

Status EngineCoreStore::RunChange(const CoreChange& change, const Deadline& deadline) {
  EIDER_RETURN_IF_ERROR(CheckFence(change, deadline));
  const engine::Limits limits{deadline, {}};
  if (auto begun = session_->Run("BEGIN", limits); !begun) return std::move(begun).error();
  Status done;
  if (change.rows_version) {
    if (auto counted = session_->Run(CountUp("rows_version"), limits); !counted) done = counted.error();
  }
  for (const std::string& statement : change.statements) {
    if (!done) break;
    if (auto ran = ChangeRows(statement, {}, deadline); !ran) done = ran.error();
  }
  if (done) {
    if (auto committed = session_->Run("COMMIT", limits); !committed) done = committed.error();
  }
  if (!done) (void)session_->Run("ROLLBACK");
  return done;
}

Status EngineCoreStore::Apply(const CoreChange& change, const Deadline& deadline) {
  MutexLock lock(mutex_);
  Status done = RunChange(change, deadline);
  Deliver(done.has_value());
  return done;
}

Result<CoreVersions> EngineCoreStore::ReadVersions(const Deadline& deadline) {
  std::string sql;
  for (const char* name : kVersionNames)
    sql.append(sql.empty() ? "SELECT " : ", ").append(VersionSql(Table("settings"), name));
  EIDER_ASSIGN_OR_RETURN(const auto rows, ReadRows(sql, {}, deadline));
  const auto number = [&](std::size_t column) { return std::stoll(rows.at(0)[column].value_or("0")); };
  return CoreVersions{number(0), number(1), number(2), number(3)};
}

Result<CoreVersions> EngineCoreStore::Versions(const Deadline& deadline) {
  MutexLock lock(mutex_);
  return ReadVersions(deadline);
}

}  // namespace eider::cluster
