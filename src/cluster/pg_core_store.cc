#include "cluster/pg_core_store.h"

#include <algorithm>

#include "base/text.h"
#include "engine/change_rows.h"
#include "postgres/pg_database.h"
#include "postgres/pg_session.h"

namespace eider::cluster {
namespace {

constexpr std::string_view kRowsMoved = "core rows moved";
constexpr std::chrono::seconds kConnectTimeout{2};

// Whether an error is about the server and not about the statement.
bool IsOutage(const Error& error) {
  switch (error.code) {
    case ErrorCode::kSourceUnavailable:
    case ErrorCode::kSourceCircuitOpen:
    case ErrorCode::kTimeout:
    case ErrorCode::kOverloaded:
    case ErrorCode::kDiskFull:
    case ErrorCode::kMemoryLimit: return true;
    default: return false;
  }
}

void SetParameter(postgres::Dsn& dsn, std::string_view name, std::string_view value) {
  const auto found = std::ranges::find(dsn.parameters, name, [](const auto& parameter) { return parameter.first; });
  if (found != dsn.parameters.end()) {
    found->second = value;
  } else {
    dsn.parameters.emplace_back(name, value);
  }
}

}  // namespace

bool IsPostgresPath(std::string_view path) {
  if (path.starts_with("postgres://") || path.starts_with("postgresql://")) return true;
  if (path.find("://") != std::string_view::npos) return false;
  return path.find("host=") != std::string_view::npos || path.find("dbname=") != std::string_view::npos ||
         path.find("service=") != std::string_view::npos;
}

Result<std::unique_ptr<PgCoreStore>> PgCoreStore::Open(const PgCoreOptions& options) {
  auto dsn = postgres::ParseDsn(options.path);
  if (!dsn) {
    return Error(ErrorCode::kBadInput,
                 "CORE_DB_PATH must be postgres://USER:PASSWORD@HOST:PORT/DATABASE or libpq's key=value text");
  }
  // Of several hosts the one that takes writes.
  SetParameter(*dsn, "target_session_attrs", "read-write");
  SetParameter(*dsn, "application_name", "eider-core");
  dsn->connect_timeout = std::min(dsn->connect_timeout, kConnectTimeout);
  return std::unique_ptr<PgCoreStore>(new PgCoreStore(std::move(*dsn), options));
}

PgCoreStore::PgCoreStore(postgres::Dsn dsn, const PgCoreOptions& options)
    : dsn_(std::move(dsn)),
      schema_(options.schema) {
  engine::SessionPool::Options pool;
  pool.max_open = std::max<std::size_t>(1, options.pool_size);
  pool.max_idle = pool.max_open;
  pool.wait = kPatience;
  auto database = std::make_shared<postgres::PgDatabase>(dsn_, false);
  pool_ = std::make_unique<engine::SessionPool>(postgres::PgSessions(std::move(database)), pool);
}

Error PgCoreStore::Failed(Error error) {
  if (IsOutage(error)) {
    ++outages_;
    return Error(ErrorCode::kCoreUnavailable,
                 "the core database at " + dsn_.Address() + " cannot be reached: " + error.message);
  }
  last_answer_ = Deadline::Clock::now();
  return error;
}

std::string PgCoreStore::Table(std::string_view name) const {
  return QuoteIdentifier(schema_) + "." + QuoteIdentifier(name);
}

void PgCoreStore::Observe(std::string_view operation, Deadline::Clock::time_point started, const Error* error) const {
  if (!observer_) return;
  const bool answered = error == nullptr || error->code != ErrorCode::kCoreUnavailable;
  observer_(operation, Deadline::Clock::now() - started, answered);
}

Result<std::vector<engine::TextRow>> PgCoreStore::Read(std::string_view sql, const engine::Parameters& parameters,
                                                       const Deadline& deadline) {
  const auto started = Deadline::Clock::now();
  auto rows = ReadRows(sql, parameters, deadline);
  Observe("read", started, rows ? nullptr : &rows.error());
  return rows;
}

Result<std::int64_t> PgCoreStore::Change(std::string_view sql, const engine::Parameters& parameters,
                                         const Deadline& deadline) {
  const auto started = Deadline::Clock::now();
  auto changed = ChangeRows(sql, parameters, deadline);
  Observe("change", started, changed ? nullptr : &changed.error());
  return changed;
}

Status PgCoreStore::Apply(const CoreChange& change, const Deadline& deadline) {
  const auto started = Deadline::Clock::now();
  Status done = ApplyAll(change, deadline);
  Observe("apply", started, done ? nullptr : &done.error());
  return done;
}

Result<std::vector<engine::TextRow>> PgCoreStore::ReadRows(std::string_view sql, const engine::Parameters& parameters,
                                                           const Deadline& deadline) {
  const engine::Limits limits{deadline, {}};
  auto session = pool_->Acquire(limits);
  if (!session) return Failed(std::move(session).error());
  auto rows = engine::QueryTexts(**session, sql, parameters, limits);
  if (!rows) return Failed(std::move(rows).error());
  last_answer_ = Deadline::Clock::now();
  return rows;
}

Result<std::int64_t> PgCoreStore::ChangeRows(std::string_view sql, const engine::Parameters& parameters,
                                             const Deadline& deadline) {
  const engine::Limits limits{deadline, {}};
  auto session = pool_->Acquire(limits);
  if (!session) return Failed(std::move(session).error());
  auto changed = engine::ChangeRows(**session, sql, parameters, limits);
  if (!changed) return Failed(std::move(changed).error());
  last_answer_ = Deadline::Clock::now();
  return changed;
}

Status PgCoreStore::ApplyAll(const CoreChange& change, const Deadline& deadline) {
  std::string sql = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '3s'; SET LOCAL lock_timeout = '1500ms'; ";
  if (change.lease) {
    sql += "DO $lease$ BEGIN PERFORM 1 FROM " + Table("cluster_lease") +
           " WHERE epoch = " + std::to_string(change.lease->epoch) +
           " AND incarnation = " + QuoteLiteral(change.lease->incarnation) +
           " FOR SHARE; IF NOT FOUND THEN RAISE EXCEPTION " + QuoteLiteral(kLeaseLost) + "; END IF; END $lease$; ";
  }
  if (change.rows_version) {
    sql += "DO $rows$ BEGIN UPDATE " + Table("settings") + " SET value = to_jsonb((value #>> '{}')::bigint + 1) " +
           "WHERE key = 'rows_version' AND (value #>> '{}')::bigint = " + std::to_string(*change.rows_version) +
           "; IF NOT FOUND THEN RAISE EXCEPTION " + QuoteLiteral(kRowsMoved) + "; END IF; END $rows$; ";
  }
  for (const std::string& statement : change.statements) sql.append(statement).append("; ");
  sql.append("COMMIT");
  const engine::Limits limits{deadline, {}};
  auto session = pool_->Acquire(limits);
  if (!session) return Failed(std::move(session).error());
  auto done = (*session)->Run(sql, limits);
  if (done) {
    last_answer_ = Deadline::Clock::now();
    return {};
  }
  if (!(*session)->Run("ROLLBACK", {Deadline::After(kPatience), {}})) session->Discard();
  if (done.error().message == kLeaseLost) return Error(ErrorCode::kForbidden, std::string(kLeaseLost));
  if (done.error().message == kRowsMoved) {
    return Error(ErrorCode::kConstraint, "the core database was changed at the same time; send the request again");
  }
  return Failed(std::move(done).error());
}

std::string PgCoreStore::Announce(std::string_view channel, std::string_view payload) const {
  return "SELECT pg_notify(" + QuoteLiteral(channel) + ", " + QuoteLiteral(payload) + ")";
}

std::string PgCoreStore::CountUp(std::string_view version) const {
  return "UPDATE " + Table("settings") +
         " SET value = to_jsonb((value #>> '{}')::bigint + 1) WHERE key = " + QuoteLiteral(version);
}

Result<CoreVersions> PgCoreStore::Versions(const Deadline& deadline) {
  const auto one = [](std::string_view key) {
    return "max(CASE WHEN key = '" + std::string(key) + "' THEN (value #>> '{}')::bigint END)::text";
  };
  EIDER_ASSIGN_OR_RETURN(
      const auto rows, Read("SELECT " + one("schema_version") + ", " + one("permission_version") + ", " +
                                one("storage_generation") + ", " + one("rows_version") + " FROM " + Table("settings") +
                                " WHERE key IN ('schema_version', 'permission_version', 'storage_generation', "
                                "'rows_version')",
                            {}, deadline));
  if (rows.empty() || !rows[0][0] || !rows[0][1] || !rows[0][2] || !rows[0][3]) {
    return Error(ErrorCode::kCoreUnavailable, "the core database has lost its versions");
  }
  return CoreVersions{std::stoll(*rows[0][0]), std::stoll(*rows[0][1]), std::stoll(*rows[0][2]),
                      std::stoll(*rows[0][3])};
}

Result<std::chrono::microseconds> PgCoreStore::ClockOffset(const Deadline& deadline) {
  const auto before = std::chrono::system_clock::now();
  EIDER_ASSIGN_OR_RETURN(const auto rows,
                         Read("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text", {}, deadline));
  const auto after = std::chrono::system_clock::now();
  const auto middle = before + (after - before) / 2;
  const auto own = std::chrono::duration_cast<std::chrono::microseconds>(middle.time_since_epoch());
  return std::chrono::microseconds(std::stoll(rows.at(0)[0].value_or("0"))) - own;
}

}  // namespace eider::cluster
