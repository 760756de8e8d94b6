#include "cluster/pg_migrations.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "base/digest.h"
#include "base/text.h"

namespace eider::cluster {
namespace {

// One version of the tables. `expand` only adds, so that the version before goes on working; `contract` removes what
// that one needed. Never edited once released. Tables are named without their schema.
struct PgMigration {
  int version;
  std::string_view expand;
  std::string_view contract;
};

// Intervals are texts in the engine's own form.
constexpr std::string_view kTables = R"sql(
CREATE TABLE settings (key text PRIMARY KEY, value jsonb NOT NULL);
INSERT INTO settings VALUES ('schema_version', '1'), ('permission_version', '1'), ('storage_generation', '1'),
  ('rows_version', '1'), ('cluster_id', to_jsonb(gen_random_uuid()::text)), ('config', '{"min_binary": 1}');
CREATE TABLE data_sources (
  name text PRIMARY KEY, type text NOT NULL, prefix text NOT NULL DEFAULT '', as_module boolean NOT NULL DEFAULT false,
  description text, path text NOT NULL DEFAULT '', disabled boolean DEFAULT false, self_defined boolean DEFAULT false,
  read_only boolean DEFAULT false);
CREATE TABLE catalog_sources (name text PRIMARY KEY, type text NOT NULL, description text, path text NOT NULL DEFAULT '');
CREATE TABLE data_source_catalogs (
  catalog_name text NOT NULL, data_source_name text NOT NULL, PRIMARY KEY (catalog_name, data_source_name));
CREATE TABLE roles (
  name text PRIMARY KEY, description text NOT NULL DEFAULT '', disabled boolean DEFAULT false,
  can_impersonate boolean DEFAULT false);
CREATE TABLE permissions (
  role text NOT NULL, type_name text NOT NULL, field_name text NOT NULL, hidden boolean DEFAULT false,
  disabled boolean DEFAULT false, filter json, data json, PRIMARY KEY (role, type_name, field_name));
CREATE TABLE role_limits (
  role text PRIMARY KEY, max_concurrency integer, max_queued integer, requests_per_minute integer, query_timeout text,
  max_rows bigint, max_result_bytes bigint, max_memory_bytes bigint, max_depth integer, max_cost double precision,
  priority integer);
CREATE TABLE api_keys (
  name text PRIMARY KEY, description text NOT NULL DEFAULT '', key text NOT NULL UNIQUE, default_role text,
  disabled boolean DEFAULT false, is_temporal boolean DEFAULT false, expires_at timestamptz, headers json, claims json,
  previous_key text, rotated_at timestamptz, grace text, key_created_at timestamptz DEFAULT now(),
  key_last_used_at timestamptz);
CREATE TABLE object_storages (
  name text PRIMARY KEY, type text NOT NULL, scope text NOT NULL DEFAULT '', key text NOT NULL, secret text NOT NULL,
  parameters json NOT NULL);
INSERT INTO roles (name, description, can_impersonate) VALUES
  ('admin', 'Admin role', true), ('public', 'Public role', false), ('readonly', 'Readonly role', false);
INSERT INTO permissions (role, type_name, field_name, disabled) VALUES ('readonly', 'Mutation', '*', true);
CREATE TABLE cluster_nodes (
  name text PRIMARY KEY, url text NOT NULL, role text NOT NULL, version text, incarnation text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(), last_heartbeat timestamptz NOT NULL DEFAULT now(), error text,
  status text NOT NULL, ready boolean NOT NULL DEFAULT false, schema_version bigint, permission_version bigint,
  epoch bigint, binary_schema integer, load json);
CREATE TABLE cluster_lease (
  cluster_id text PRIMARY KEY, epoch bigint NOT NULL, node_id text NOT NULL, incarnation text NOT NULL,
  renewed_at timestamptz NOT NULL, ttl_ms bigint NOT NULL);
CREATE TABLE source_desired (
  name text PRIMARY KEY, generation bigint NOT NULL, desired text NOT NULL, spec text NOT NULL, model_hash text,
  epoch bigint NOT NULL, changed_at timestamptz NOT NULL DEFAULT now(), changed_by text NOT NULL);
CREATE TABLE source_model (
  name text NOT NULL, model_hash text NOT NULL, format integer NOT NULL, content bytea NOT NULL,
  PRIMARY KEY (name, model_hash));
CREATE TABLE node_sources (
  node text NOT NULL, name text NOT NULL, generation bigint NOT NULL, state text NOT NULL, error text,
  attempts integer NOT NULL DEFAULT 0, updated_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (node, name));
CREATE TABLE storage_secrets (
  name text PRIMARY KEY, type text NOT NULL, scope text NOT NULL DEFAULT '', public_params json NOT NULL,
  secret_blob text NOT NULL, key_id text, generation bigint NOT NULL, deleted_at timestamptz);
CREATE TABLE auth_settings (id integer PRIMARY KEY DEFAULT 1, config text NOT NULL, generation bigint NOT NULL);
CREATE TABLE cluster_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), node text NOT NULL,
  kind text NOT NULL, object text, detail text);
CREATE INDEX cluster_events_at ON cluster_events (at);
)sql";

constexpr std::string_view kQueryHistory = R"sql(
CREATE TABLE query_history (
  ts timestamptz NOT NULL, request_id text NOT NULL, node text NOT NULL, protocol text NOT NULL, kind text NOT NULL,
  user_id text NOT NULL, user_name text NOT NULL, role text NOT NULL, auth_provider text NOT NULL, hash text NOT NULL,
  total_ms double precision NOT NULL, parse_ms double precision NOT NULL, plan_ms double precision NOT NULL,
  queue_ms double precision NOT NULL, execute_ms double precision NOT NULL, rows bigint NOT NULL, bytes bigint NOT NULL,
  outcome text NOT NULL, code text NOT NULL);
CREATE INDEX query_history_ts ON query_history (ts);
)sql";

constexpr std::string_view kSourceBreakers = R"sql(
CREATE TABLE source_breakers (
  source text NOT NULL, node text NOT NULL, failures integer NOT NULL, failed_at timestamptz NOT NULL,
  PRIMARY KEY (source, node));
)sql";

constexpr PgMigration kMigrations[] = {{1, kTables, {}}, {2, kQueryHistory, {}}, {3, kSourceBreakers, {}}};

constexpr std::string_view kHistory =
    "CREATE TABLE IF NOT EXISTS migrations (version integer NOT NULL, phase text NOT NULL, checksum text NOT NULL, "
    "applied_at timestamptz NOT NULL DEFAULT now(), applied_by text NOT NULL, PRIMARY KEY (version, phase));";

// Locks of this number are eider's; the second half tells schemas apart.
constexpr int kLockSpace = 0x6569'6472;

constexpr std::chrono::seconds kStepTime{60};
constexpr std::chrono::minutes kLockTime{5};
constexpr int kLockTries = 12;

Error Broken(const Error& cause) {
  return Error(ErrorCode::kCoreUnavailable, "the core database cannot be migrated: " + cause.message);
}

std::string Checksum(std::string_view sql) { return HexText(Sha256(sql)); }

// One run of migrations over one session that holds the lock.
class Migrator {
 public:
  Migrator(PgCoreStore& store, const PgMigrationOptions& options, engine::Session& session)
      : store_(store),
        options_(options),
        session_(session) {}

  Status Run() {
    const int newest = CoreSchemaVersion();
    const int last = options_.to_version == 0 ? newest : options_.to_version;
    if (last > newest) {
      return Error(ErrorCode::kBadInput,
                   "version " + std::to_string(last) + " is not known; the newest is " + std::to_string(newest));
    }
    for (const PgMigration& migration : kMigrations) {
      if (migration.version <= last) EIDER_RETURN_IF_ERROR(Part(migration.version, "expand", migration.expand));
    }
    if (options_.contract) EIDER_RETURN_IF_ERROR(Contract(last));
    return Scripts();
  }

 private:
  Result<std::vector<engine::TextRow>> Read(const std::string& sql) {
    return engine::QueryTexts(session_, sql, {}, {Deadline::After(kStepTime), {}});
  }

  // The checksum of an applied part; nothing when it was not applied.
  Result<std::optional<std::string>> Applied(int version, std::string_view phase) {
    EIDER_ASSIGN_OR_RETURN(const auto table,
                           Read("SELECT to_regclass(" + QuoteLiteral(store_.Table("migrations")) + ")::text"));
    if (table.empty() || !table[0][0]) return std::optional<std::string>();
    EIDER_ASSIGN_OR_RETURN(const auto rows,
                           Read("SELECT checksum FROM " + store_.Table("migrations") +
                                " WHERE version = " + std::to_string(version) + " AND phase = " + QuoteLiteral(phase)));
    return rows.empty() ? std::optional<std::string>() : rows[0][0];
  }

  Status Part(int version, std::string_view phase, std::string_view sql) {
    EIDER_ASSIGN_OR_RETURN(const auto applied, Applied(version, phase));
    const std::string checksum = Checksum(sql);
    if (applied && *applied != checksum) {
      return Error(ErrorCode::kCoreUnavailable, "migration " + std::to_string(version) + " (" + std::string(phase) +
                                                    ") was applied in another form: its checksum differs");
    }
    if (applied) return {};
    if (options_.dry_run) {
      Print("-- version " + std::to_string(version) + ", " + std::string(phase) + std::string(sql));
      return {};
    }
    const std::string record = "INSERT INTO migrations (version, phase, checksum, applied_by) VALUES (" +
                               std::to_string(version) + ", " + QuoteLiteral(phase) + ", " + QuoteLiteral(checksum) +
                               ", " + QuoteLiteral(options_.applied_by) + ")";
    EIDER_RETURN_IF_ERROR(RunStep("CREATE SCHEMA IF NOT EXISTS " + QuoteIdentifier(store_.schema()) + "; SET LOCAL " +
                                  "search_path = " + QuoteIdentifier(store_.schema()) + "; " + std::string(kHistory) +
                                  std::string(sql) + record));
    Print("version " + std::to_string(version) + ": " + std::string(phase) + " applied");
    return {};
  }

  // One transaction that waits no longer for a lock than running queries may notice, and tries again instead.
  Status RunStep(const std::string& sql) {
    const std::string whole = "BEGIN; SET LOCAL lock_timeout = '5s'; " + sql + "; COMMIT";
    for (int tried = 1;; ++tried) {
      auto done = session_.Run(whole, {Deadline::After(kStepTime), {}});
      if (done) return {};
      (void)session_.Run("ROLLBACK", {Deadline::After(kStepTime), {}});
      const bool waited = done.error().message.find("lock timeout") != std::string::npos;
      if (!waited || tried >= kLockTries) return Broken(done.error());
    }
  }

  Status Contract(int last) {
    EIDER_ASSIGN_OR_RETURN(const auto expanded, Applied(last, "expand"));
    if (!expanded && !options_.dry_run) return {};
    if (expanded) {
      EIDER_ASSIGN_OR_RETURN(
          const auto old,
          Read("SELECT name, coalesce(binary_schema, 0)::text FROM " + store_.Table("cluster_nodes") +
               " WHERE coalesce(binary_schema, 0) < " + std::to_string(last) + " ORDER BY name LIMIT 1"));
      if (!old.empty()) {
        return Error(ErrorCode::kCoreUnavailable,
                     "contract refused: node " + old[0][0].value_or("") + " runs " + old[0][1].value_or("0"));
      }
    }
    for (const PgMigration& migration : kMigrations) {
      if (migration.version > last || migration.contract.empty()) continue;
      EIDER_RETURN_IF_ERROR(Part(migration.version, "contract", migration.contract));
    }
    if (options_.dry_run) return {};
    return RunStep("UPDATE " + store_.Table("settings") + " SET value = jsonb_set(value, '{min_binary}', '" +
                   std::to_string(last) + "') WHERE key = 'config'");
  }

  Status Scripts() {
    if (options_.scripts.empty()) return {};
    std::vector<std::filesystem::path> files;
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(options_.scripts, failed)) {
      if (entry.path().extension() == ".sql") files.push_back(entry.path());
    }
    if (failed) return Error(ErrorCode::kBadInput, "the folder of scripts cannot be read: " + options_.scripts);
    std::ranges::sort(files);
    for (const auto& file : files) {
      std::ifstream in(file, std::ios::binary);
      const std::string sql{std::istreambuf_iterator<char>(in), {}};
      if (!in) return Error(ErrorCode::kBadInput, "the script cannot be read: " + file.string());
      Print((options_.dry_run ? "-- script " + file.string() + "\n" + sql : "script " + file.string()));
      if (options_.dry_run) continue;
      const Status done = RunStep("SET LOCAL search_path = " + QuoteIdentifier(store_.schema()) + "; " + sql);
      if (!done) return Error(done.error().code, "script " + file.string() + ": " + done.error().message);
    }
    return {};
  }

  void Print(std::string_view text) {
    if (options_.print) options_.print(text);
  }

  PgCoreStore& store_;
  const PgMigrationOptions& options_;
  engine::Session& session_;
};

// Waits for the lock in short tries, since a wait within the server cannot be told from a hang.
Status Lock(engine::Session& session, const std::string& key) {
  const Deadline deadline = Deadline::After(kLockTime);
  while (!deadline.Passed()) {
    EIDER_ASSIGN_OR_RETURN(const auto rows,
                           engine::QueryTexts(session, "SELECT pg_try_advisory_lock(" + key + ")::text", {},
                                              {Deadline::After(kStepTime), {}}));
    if (!rows.empty() && rows[0][0] == "true") return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return Error(ErrorCode::kTimeout, "another process has been migrating for five minutes");
}

}  // namespace

int CoreSchemaVersion() { return std::ranges::max(kMigrations, {}, &PgMigration::version).version; }

Status MigratePg(PgCoreStore& store, const PgMigrationOptions& options) {
  auto session = store.Acquire(Deadline::After(kStepTime));
  if (!session) return Broken(session.error());
  const std::string key =
      std::to_string(kLockSpace) + ", hashtext(" + QuoteLiteral("eider migrate " + store.schema()) + ")";
  if (const Status locked = Lock(**session, key); !locked) return Broken(locked.error());
  Status done = Migrator(store, options, **session).Run();
  if (!(*session)->Run("SELECT pg_advisory_unlock(" + key + ")", {Deadline::After(kStepTime), {}})) session->Discard();
  if (!done && done.error().code != ErrorCode::kCoreUnavailable && done.error().code != ErrorCode::kBadInput) {
    return Broken(done.error());
  }
  return done;
}

Status CheckPgVersion(PgCoreStore& store) {
  EIDER_ASSIGN_OR_RETURN(const auto table,
                         store.Read("SELECT to_regclass(" + QuoteLiteral(store.Table("migrations")) + ")::text"));
  int version = 0;
  if (!table.empty() && table[0][0]) {
    EIDER_ASSIGN_OR_RETURN(const auto rows, store.Read("SELECT max(version)::text FROM " + store.Table("migrations") +
                                                       " WHERE phase = 'expand'"));
    version = std::stoi(rows.at(0)[0].value_or("0"));
  }
  if (version == 0 || version < CoreSchemaVersion() - 1) {
    return Error(ErrorCode::kCoreUnavailable,
                 "core database must be migrated: it is at version " + std::to_string(version) + ", known here is " +
                     std::to_string(CoreSchemaVersion()) + "; run eider migrate or set AUTOMIGRATE=true");
  }
  EIDER_ASSIGN_OR_RETURN(const auto oldest, store.Read("SELECT value ->> 'min_binary' FROM " + store.Table("settings") +
                                                       " WHERE key = 'config'"));
  const int needed = oldest.empty() ? 0 : std::stoi(oldest[0][0].value_or("0"));
  if (needed <= CoreSchemaVersion()) return {};
  return Error(ErrorCode::kCoreUnavailable, "core database requires a newer eider: one that knows version " +
                                                std::to_string(needed) + " of its tables; this one knows " +
                                                std::to_string(CoreSchemaVersion()));
}

}  // namespace eider::cluster
