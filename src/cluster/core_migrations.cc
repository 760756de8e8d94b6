#include "cluster/core_migrations.h"

#include <string>

#include "engine/text_rows.h"

namespace eider::cluster {
namespace {

// No foreign keys: rows may be deleted in any order, and a deleted source leaves its links behind on purpose.
constexpr std::string_view kTables = R"sql(
CREATE TABLE core.eider.data_sources (
  name VARCHAR PRIMARY KEY,
  type VARCHAR NOT NULL,
  prefix VARCHAR NOT NULL DEFAULT '',
  as_module BOOLEAN NOT NULL DEFAULT false,
  description VARCHAR,
  path VARCHAR NOT NULL DEFAULT '',
  disabled BOOLEAN DEFAULT false,
  self_defined BOOLEAN DEFAULT false,
  read_only BOOLEAN DEFAULT false
);
CREATE TABLE core.eider.catalog_sources (
  name VARCHAR PRIMARY KEY,
  type VARCHAR NOT NULL,
  description VARCHAR,
  path VARCHAR NOT NULL DEFAULT ''
);
CREATE TABLE core.eider.data_source_catalogs (
  catalog_name VARCHAR NOT NULL,
  data_source_name VARCHAR NOT NULL,
  PRIMARY KEY (catalog_name, data_source_name)
);
CREATE TABLE core.eider.roles (
  name VARCHAR PRIMARY KEY,
  description VARCHAR NOT NULL DEFAULT '',
  disabled BOOLEAN DEFAULT false,
  can_impersonate BOOLEAN DEFAULT false
);
CREATE TABLE core.eider.permissions (
  role VARCHAR NOT NULL,
  type_name VARCHAR NOT NULL,
  field_name VARCHAR NOT NULL,
  hidden BOOLEAN DEFAULT false,
  disabled BOOLEAN DEFAULT false,
  filter JSON,
  data JSON,
  PRIMARY KEY (role, type_name, field_name)
);
CREATE TABLE core.eider.api_keys (
  name VARCHAR PRIMARY KEY,
  description VARCHAR NOT NULL DEFAULT '',
  key VARCHAR NOT NULL UNIQUE,
  default_role VARCHAR,
  disabled BOOLEAN DEFAULT false,
  is_temporal BOOLEAN DEFAULT false,
  expires_at TIMESTAMP WITH TIME ZONE,
  headers JSON,
  claims JSON
);
INSERT INTO core.eider.roles (name, description, can_impersonate) VALUES
  ('admin', 'Admin role', true), ('public', 'Public role', false), ('readonly', 'Readonly role', false);
INSERT INTO core.eider.permissions (role, type_name, field_name, disabled) VALUES ('readonly', 'Mutation', '*', true);
)sql";

// The only place with the secrets of object storages; `parameters` has what may be shown.
constexpr std::string_view kObjectStorages = R"sql(
CREATE TABLE core.eider.object_storages (
  name VARCHAR PRIMARY KEY,
  type VARCHAR NOT NULL,
  scope VARCHAR NOT NULL DEFAULT '',
  key VARCHAR NOT NULL,
  secret VARCHAR NOT NULL,
  parameters JSON NOT NULL
);
)sql";

// Every change of roles counts `permission_version` up in its own transaction.
constexpr std::string_view kRoleLimits = R"sql(
CREATE TABLE core.eider.role_limits (
  role VARCHAR PRIMARY KEY,
  max_concurrency INTEGER,
  max_queued INTEGER,
  requests_per_minute INTEGER,
  query_timeout INTERVAL,
  max_rows BIGINT,
  max_result_bytes BIGINT,
  max_memory_bytes BIGINT,
  max_depth INTEGER,
  max_cost DOUBLE,
  priority INTEGER CHECK (priority BETWEEN 1 AND 10)
);
CREATE TABLE core.eider.permission_version (version BIGINT NOT NULL);
INSERT INTO core.eider.permission_version VALUES (1);
)sql";

// Keys are hashes from here on, and texts with secrets are encrypted (core_secrets.h).
constexpr std::string_view kSecrets = R"sql(
CREATE TABLE core.eider.old_api_keys AS FROM core.eider.api_keys;
DROP TABLE core.eider.api_keys;
CREATE TABLE core.eider.api_keys (
  name VARCHAR PRIMARY KEY,
  description VARCHAR NOT NULL DEFAULT '',
  key VARCHAR NOT NULL UNIQUE,
  default_role VARCHAR,
  disabled BOOLEAN DEFAULT false,
  is_temporal BOOLEAN DEFAULT false,
  expires_at TIMESTAMP WITH TIME ZONE,
  headers JSON,
  claims JSON,
  previous_key VARCHAR,
  rotated_at TIMESTAMP WITH TIME ZONE,
  grace INTERVAL,
  key_created_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
  key_last_used_at TIMESTAMP WITH TIME ZONE
);
INSERT INTO core.eider.api_keys BY NAME FROM core.eider.old_api_keys;
DROP TABLE core.eider.old_api_keys;
CREATE TABLE core.eider.secret_settings (name VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);
)sql";

// Written by the audit log alone.
constexpr std::string_view kAuditLog = R"sql(
CREATE TABLE core.eider.audit_log (
  ts TIMESTAMP WITH TIME ZONE NOT NULL,
  node VARCHAR NOT NULL,
  request_id VARCHAR NOT NULL,
  client_ip VARCHAR NOT NULL,
  protocol VARCHAR NOT NULL,
  principal VARCHAR NOT NULL,
  user_id VARCHAR NOT NULL,
  user_name VARCHAR NOT NULL,
  role VARCHAR NOT NULL,
  auth_provider VARCHAR NOT NULL,
  impersonated_by VARCHAR NOT NULL,
  action VARCHAR NOT NULL,
  object VARCHAR NOT NULL,
  outcome VARCHAR NOT NULL,
  code VARCHAR NOT NULL,
  rows BIGINT,
  duration_ms DOUBLE NOT NULL,
  detail VARCHAR NOT NULL
);
)sql";

// Written by the history of requests alone.
constexpr std::string_view kQueryHistory = R"sql(
CREATE TABLE core.eider.query_history (
  ts TIMESTAMP WITH TIME ZONE NOT NULL,
  request_id VARCHAR NOT NULL,
  node VARCHAR NOT NULL,
  protocol VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,
  user_id VARCHAR NOT NULL,
  user_name VARCHAR NOT NULL,
  role VARCHAR NOT NULL,
  auth_provider VARCHAR NOT NULL,
  hash VARCHAR NOT NULL,
  total_ms DOUBLE NOT NULL,
  parse_ms DOUBLE NOT NULL,
  plan_ms DOUBLE NOT NULL,
  queue_ms DOUBLE NOT NULL,
  execute_ms DOUBLE NOT NULL,
  rows BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  outcome VARCHAR NOT NULL,
  code VARCHAR NOT NULL
);
)sql";

// What a node that stands alone should have loaded, and what it has, as the core database of several nodes keeps it.
constexpr std::string_view kDesiredSources = R"sql(
CREATE TABLE core.eider.settings (key VARCHAR PRIMARY KEY, value JSON NOT NULL);
INSERT INTO core.eider.settings VALUES ('schema_version', '1');
CREATE TABLE core.eider.source_desired (
  name VARCHAR PRIMARY KEY,
  generation BIGINT NOT NULL,
  desired VARCHAR NOT NULL,
  spec VARCHAR NOT NULL,
  model_hash VARCHAR,
  epoch BIGINT NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
  changed_by VARCHAR NOT NULL
);
CREATE TABLE core.eider.source_model (
  name VARCHAR NOT NULL,
  model_hash VARCHAR NOT NULL,
  format INTEGER NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (name, model_hash)
);
CREATE TABLE core.eider.node_sources (
  node VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  generation BIGINT NOT NULL,
  state VARCHAR NOT NULL,
  error VARCHAR,
  attempts INTEGER NOT NULL DEFAULT 0,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
  PRIMARY KEY (node, name)
);
)sql";

constexpr CoreMigration kMigrations[] = {{1, kTables},   {2, kObjectStorages}, {3, kRoleLimits},    {4, kSecrets},
                                         {5, kAuditLog}, {6, kQueryHistory},   {7, kDesiredSources}};

Result<int> StoredVersion(engine::Session& session) {
  EIDER_ASSIGN_OR_RETURN(
      const auto tables,
      engine::ReadTextRows(
          session,
          "SELECT 1 AS found FROM duckdb_tables() WHERE database_name = 'core' AND schema_name = 'eider' "
          "AND table_name = 'schema_versions'"));
  if (tables.empty()) return 0;
  EIDER_ASSIGN_OR_RETURN(
      const auto rows, engine::ReadTextRows(session, "SELECT max(version) AS version FROM core.eider.schema_versions"));
  return rows.empty() || !rows[0][0] ? 0 : std::stoi(*rows[0][0]);
}

Error NewerVersion(int stored) {
  return Error(ErrorCode::kCoreUnavailable,
               "the core database was written by a newer version of eider: its schema is " + std::to_string(stored) +
                   ", known here is " + std::to_string(CoreMigrations().back().version));
}

Status Apply(engine::Session& session, const CoreMigration& migration) {
  std::string sql = "BEGIN;";
  sql.append(
      "CREATE SCHEMA IF NOT EXISTS core.eider;"
      "CREATE TABLE IF NOT EXISTS core.eider.schema_versions "
      "(version INTEGER PRIMARY KEY, applied_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now());");
  sql.append(migration.sql);
  sql.append("INSERT INTO core.eider.schema_versions (version) VALUES (").append(std::to_string(migration.version));
  sql.append("); COMMIT;");
  auto done = session.Run(sql);
  if (done) return {};
  (void)session.Run("ROLLBACK");
  return std::move(done).error();
}

}  // namespace

std::span<const CoreMigration> CoreMigrations() { return kMigrations; }

Status MigrateCore(engine::Session& session) {
  EIDER_ASSIGN_OR_RETURN(const int stored, StoredVersion(session));
  if (stored > CoreMigrations().back().version) return NewerVersion(stored);
  for (const CoreMigration& migration : CoreMigrations()) {
    if (migration.version > stored) EIDER_RETURN_IF_ERROR(Apply(session, migration));
  }
  return {};
}

Status CheckCoreVersion(engine::Session& session) {
  EIDER_ASSIGN_OR_RETURN(const int stored, StoredVersion(session));
  const int newest = CoreMigrations().back().version;
  if (stored > newest) return NewerVersion(stored);
  if (stored == newest) return {};
  return Error(ErrorCode::kCoreUnavailable, "the core database is read-only and its schema is " +
                                                std::to_string(stored) + ", needed is " + std::to_string(newest) +
                                                "; open it for writing once");
}

}  // namespace eider::cluster
