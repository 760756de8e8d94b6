#include "cluster/memory_core_store.h"

#include <utility>

#include "base/digest.h"
#include "base/encoding.h"
#include "base/text.h"
#include "cluster/mirror_tables.h"
#include "engine/text_function.h"

namespace eider::cluster {
namespace {

constexpr std::size_t kIdBytes = 16;
constexpr std::int64_t kMostMemory = std::int64_t{512} << 20;
constexpr const char* kMemoryPrefix = "eider.";

// The tables that the statements of this folder and of the server name, as PostgreSQL has them, and the functions of
// PostgreSQL that they call.
constexpr std::string_view kMemoryTables = R"sql(
CREATE MACRO clock_timestamp() AS now();
CREATE MACRO to_jsonb(value) AS to_json(value);
CREATE MACRO json_agg(rows) AS to_json(list(rows));
CREATE MACRO convert_from(bytes, encoding) AS system.main.decode(bytes);
CREATE MACRO decode(text, form) AS from_base64(text);
CREATE SCHEMA eider;
CREATE TABLE eider.settings (key text PRIMARY KEY, value json NOT NULL);
INSERT INTO eider.settings VALUES ('schema_version', '1'), ('permission_version', '1'), ('storage_generation', '1'),
  ('rows_version', '1');
CREATE TABLE eider.data_sources (
  name text PRIMARY KEY, type text, prefix text, as_module boolean, description text, path text, disabled boolean,
  self_defined boolean, read_only boolean);
CREATE TABLE eider.catalog_sources (name text PRIMARY KEY, type text, description text, path text);
CREATE TABLE eider.data_source_catalogs (
  catalog_name text, data_source_name text, PRIMARY KEY (catalog_name, data_source_name));
CREATE TABLE eider.roles (name text PRIMARY KEY, description text, disabled boolean, can_impersonate boolean);
CREATE TABLE eider.permissions (
  role text, type_name text, field_name text, hidden boolean, disabled boolean, filter json, data json,
  PRIMARY KEY (role, type_name, field_name));
CREATE TABLE eider.role_limits (
  role text PRIMARY KEY, max_concurrency integer, max_queued integer, requests_per_minute integer, query_timeout text,
  max_rows bigint, max_result_bytes bigint, max_memory_bytes bigint, max_depth integer, max_cost double,
  priority integer);
CREATE TABLE eider.api_keys (
  name text PRIMARY KEY, description text, key text, default_role text, disabled boolean, is_temporal boolean,
  expires_at timestamptz, headers json, claims json, previous_key text, rotated_at timestamptz, grace text,
  key_created_at timestamptz);
CREATE TABLE eider.object_storages (
  name text PRIMARY KEY, type text, scope text, key text, secret text, parameters json);
CREATE TABLE eider.cluster_nodes (
  name text PRIMARY KEY, url text NOT NULL, role text NOT NULL, version text, incarnation text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(), last_heartbeat timestamptz NOT NULL DEFAULT now(), error text,
  status text NOT NULL, ready boolean NOT NULL DEFAULT false, schema_version bigint, permission_version bigint,
  epoch bigint, binary_schema integer, load json);
CREATE TABLE eider.cluster_lease (
  cluster_id text PRIMARY KEY, epoch bigint NOT NULL, node_id text NOT NULL, incarnation text NOT NULL,
  renewed_at timestamptz NOT NULL, ttl_ms bigint NOT NULL);
CREATE TABLE eider.source_desired (
  name text PRIMARY KEY, generation bigint NOT NULL, desired text NOT NULL, spec text NOT NULL, model_hash text,
  epoch bigint NOT NULL, changed_at timestamptz NOT NULL DEFAULT now(), changed_by text NOT NULL);
CREATE TABLE eider.source_model (
  name text NOT NULL, model_hash text NOT NULL, format integer NOT NULL, content blob NOT NULL,
  PRIMARY KEY (name, model_hash));
CREATE TABLE eider.node_sources (
  node text NOT NULL, name text NOT NULL, generation bigint NOT NULL, state text NOT NULL, error text,
  attempts integer NOT NULL DEFAULT 0, updated_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (node, name));
CREATE TABLE eider.auth_settings (id integer PRIMARY KEY DEFAULT 1, config text NOT NULL, generation bigint NOT NULL);
CREATE TABLE eider.source_breakers (
  source text NOT NULL, node text NOT NULL, failures integer NOT NULL, failed_at timestamptz NOT NULL,
  PRIMARY KEY (source, node));
CREATE SEQUENCE eider.event_ids;
CREATE TABLE eider.cluster_events (
  id bigint PRIMARY KEY DEFAULT nextval('eider.event_ids'), "at" timestamptz NOT NULL DEFAULT now(), node text NOT NULL,
  kind text NOT NULL, object text, detail text);
SET lock_configuration = true;
)sql";

}  // namespace

MemoryCoreStore::MemoryCoreStore(std::string id) : EngineCoreStore(std::move(id), kMemoryPrefix) {}

// The session ends before its engine.
MemoryCoreStore::~MemoryCoreStore() { End(); }

std::string MemoryCoreStore::TableName(std::string_view name) { return kMemoryPrefix + QuoteIdentifier(name); }

std::string MemoryCoreStore::AnnounceSql(std::string_view channel, std::string_view payload) {
  return EngineAnnounceSql(channel, payload);
}

std::string MemoryCoreStore::CountUpSql(std::string_view version) {
  return EngineCountUpSql(TableName("settings"), version);
}

Result<std::unique_ptr<MemoryCoreStore>> MemoryCoreStore::Open() {
  EIDER_ASSIGN_OR_RETURN(const std::string id, RandomBytes(kIdBytes));
  std::unique_ptr<MemoryCoreStore> store(new MemoryCoreStore(HexText(std::string_view(id))));
  engine::DatabaseOptions options;
  options.threads = 1;
  options.memory_limit_bytes = kMostMemory;
  options.settings = {{"enable_external_access", "false"}};
  EIDER_ASSIGN_OR_RETURN(store->database_, engine::Database::Open(options));
  EIDER_RETURN_IF_ERROR(store->database_->AddTextFunction(
      {"pg_notify", 2, true,
       [raw = store.get()](
           std::span<const engine::TextFunction::Argument> arguments) -> Result<std::optional<std::string>> {
         raw->Note({std::string(arguments[0].value_or("")), std::string(arguments[1].value_or(""))});
         return std::optional<std::string>("");
       }}));
  EIDER_ASSIGN_OR_RETURN(auto session, engine::Session::Open(*store->database_, {}));
  EIDER_RETURN_IF_ERROR(store->Begin(std::move(session), kMemoryTables));
  return store;
}

Status MemoryCoreStore::Fill(const MirrorState& rows) {
  CoreChange change;
  for (const MirrorTable& table : MirrorTables()) {
    const auto found = rows.find(table.name);
    if (found == rows.end()) continue;
    for (std::string& statement : Statements(table, MirrorSide::kShared, TableName(table.name), {}, found->second)) {
      change.statements.push_back(std::move(statement));
    }
  }
  return Apply(change);
}

}  // namespace eider::cluster
