#include "cluster/core_database.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <unordered_map>

#include "base/text.h"
#include "cluster/core_migrations.h"
#include "cluster/core_snapshot.h"
#include "engine/text_rows.h"

namespace eider::cluster {
namespace {

constexpr std::string_view kSelectSources =
    "SELECT name, type, coalesce(prefix, ''), coalesce(description, ''), coalesce(path, ''), coalesce(as_module, "
    "false), "
    "coalesce(disabled, false), coalesce(self_defined, false), coalesce(read_only, false) FROM core.eider.data_sources";

constexpr std::string_view kSelectCatalogs =
    "SELECT l.data_source_name, c.name, c.type, coalesce(c.path, '') FROM core.eider.data_source_catalogs l "
    "JOIN core.eider.catalog_sources c ON c.name = l.catalog_name";

std::string Take(std::optional<std::string>& value) { return value ? std::move(*value) : std::string(); }

bool IsTrue(const std::optional<std::string>& value) { return value == "true"; }

SourceRecord ToRecord(engine::TextRow& row) {
  SourceRecord record;
  record.name = Take(row[0]);
  record.type = Take(row[1]);
  record.prefix = Take(row[2]);
  record.description = Take(row[3]);
  record.path = Take(row[4]);
  record.as_module = IsTrue(row[5]);
  record.disabled = IsTrue(row[6]);
  record.self_defined = IsTrue(row[7]);
  record.read_only = IsTrue(row[8]);
  return record;
}

// The columns of `role_limits` from `first` on.
RoleLimits ToLimits(const engine::TextRow& row, std::size_t first) {
  const auto number = [&](std::size_t column) -> std::optional<std::int64_t> {
    if (!row[first + column]) return std::nullopt;
    return std::stoll(*row[first + column]);
  };
  RoleLimits limits;
  limits.requests_per_minute = number(0);
  limits.max_concurrency = number(1);
  limits.max_queued = number(2);
  if (const auto timeout = number(3)) limits.query_timeout = std::chrono::milliseconds(*timeout);
  limits.max_rows = number(4);
  limits.max_result_bytes = number(5);
  limits.max_memory_bytes = number(6);
  limits.max_depth = number(7);
  if (row[first + 8]) limits.max_cost = std::strtod(row[first + 8]->c_str(), nullptr);
  limits.priority = number(9);
  return limits;
}

RoleRecord ToRole(engine::TextRow& row) {
  RoleRecord role;
  role.name = Take(row[0]);
  role.disabled = IsTrue(row[1]);
  role.can_impersonate = IsTrue(row[2]);
  role.limits = ToLimits(row, 3);
  return role;
}

PermissionRecord ToPermission(engine::TextRow& row) {
  PermissionRecord permission;
  permission.type_name = Take(row[1]);
  permission.field_name = Take(row[2]);
  permission.hidden = IsTrue(row[3]);
  permission.disabled = IsTrue(row[4]);
  permission.filter = Take(row[5]);
  permission.data = Take(row[6]);
  return permission;
}

Result<RoleRecords> ReadRoles(engine::Session& session) {
  RoleRecords records;
  EIDER_ASSIGN_OR_RETURN(const auto version,
                         engine::ReadTextRows(session, "SELECT max(version) FROM core.eider.permission_version"));
  if (!version.empty() && version[0][0]) records.version = std::stoll(*version[0][0]);
  EIDER_ASSIGN_OR_RETURN(
      auto roles,
      engine::ReadTextRows(
          session,
          "SELECT r.name, coalesce(r.disabled, false), coalesce(r.can_impersonate, false), l.requests_per_minute, "
          "l.max_concurrency, l.max_queued, CAST(epoch(l.query_timeout) * 1000 AS BIGINT), l.max_rows, "
          "l.max_result_bytes, l.max_memory_bytes, l.max_depth, l.max_cost, l.priority FROM core.eider.roles r LEFT "
          "JOIN core.eider.role_limits l ON l.role = r.name ORDER BY r.name"));
  std::unordered_map<std::string, std::size_t> places;
  for (engine::TextRow& row : roles) {
    records.roles.push_back(ToRole(row));
    places[records.roles.back().name] = records.roles.size() - 1;
  }
  EIDER_ASSIGN_OR_RETURN(
      auto permissions,
      engine::ReadTextRows(session,
                           "SELECT role, type_name, field_name, coalesce(hidden, false), coalesce(disabled, "
                           "false), CAST(filter AS VARCHAR), CAST(data AS VARCHAR) FROM "
                           "core.eider.permissions ORDER BY role, type_name, field_name"));
  for (engine::TextRow& row : permissions) {
    const auto place = places.find(row[0].value_or(""));
    if (place != places.end()) records.roles[place->second].rows.push_back(ToPermission(row));
  }
  return records;
}

Error Unavailable(Error cause) {
  return Error(ErrorCode::kCoreUnavailable, "the core database cannot be used: " + cause.message);
}

// Reads sources and their catalogs in one transaction, both restricted by `name` when it is given.
Result<std::vector<SourceRecord>> ReadSources(engine::Session& session, const std::string* name) {
  const engine::Parameters parameters = name == nullptr ? engine::Parameters() : engine::Parameters{*name};
  const std::string by_name = name == nullptr ? "" : " WHERE name = $1";
  const std::string by_source = name == nullptr ? "" : " WHERE l.data_source_name = $1";
  EIDER_ASSIGN_OR_RETURN(
      auto rows, engine::ReadTextRows(session, std::string(kSelectSources) + by_name + " ORDER BY name", parameters));
  EIDER_ASSIGN_OR_RETURN(
      auto links,
      engine::ReadTextRows(session, std::string(kSelectCatalogs) + by_source + " ORDER BY 1, 2", parameters));
  std::vector<SourceRecord> records;
  for (engine::TextRow& row : rows) records.push_back(ToRecord(row));
  for (engine::TextRow& link : links) {
    for (SourceRecord& record : records) {
      if (record.name != link[0]) continue;
      record.catalogs.push_back({Take(link[1]), Take(link[2]), Take(link[3])});
      break;
    }
  }
  return records;
}

// The roles that rows of `table` name in `column` and that do not exist, "reader, writer"; empty = none.
Result<std::string> MissingRoles(engine::Session& session, std::string_view table, std::string_view column) {
  const std::string role = "t." + std::string(column);
  EIDER_ASSIGN_OR_RETURN(auto rows, engine::ReadTextRows(session, "SELECT DISTINCT " + role + " FROM core.eider." +
                                                                      std::string(table) + " t WHERE " + role +
                                                                      " IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "
                                                                      "core.eider.roles r WHERE r.name = " +
                                                                      role + ") ORDER BY 1 LIMIT 5"));
  std::string names;
  for (engine::TextRow& row : rows) names.append(names.empty() ? "" : ", ").append(Take(row[0]));
  return names;
}

// The same records with their paths decrypted.
Result<std::vector<SourceRecord>> Readable(Result<std::vector<SourceRecord>> records, const CoreSecrets* secrets) {
  if (!records || secrets == nullptr) return records;
  const CoreCipher& cipher = secrets->cipher();
  for (SourceRecord& record : *records) {
    EIDER_ASSIGN_OR_RETURN(record.path, cipher.Unseal(record.path, "data_sources|path|" + record.name));
    for (CatalogRecord& catalog : record.catalogs) {
      EIDER_ASSIGN_OR_RETURN(catalog.path, cipher.Unseal(catalog.path, "catalog_sources|path|" + catalog.name));
    }
  }
  return records;
}

// What reads the file in an object storage.
Status AddStorage(engine::Session& session, const CoreDatabaseOptions& options) {
  const CoreObjectStorage& storage = options.storage;
  const std::string provider = storage.key.empty() ? "" : ", PROVIDER config";
  std::string sql = "CREATE OR REPLACE TEMPORARY SECRET eider_core (TYPE s3" + provider;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) sql.append(", ").append(name).append(" ").append(QuoteLiteral(value));
  };
  add("KEY_ID", storage.key);
  add("SECRET", storage.secret);
  add("REGION", storage.region);
  add("ENDPOINT", storage.endpoint);
  add("URL_STYLE", storage.endpoint.empty() ? "" : "path");
  add("SCOPE", options.path);
  sql.append(", USE_SSL ").append(storage.use_ssl ? "true)" : "false)");
  if (session.Run(sql)) return {};
  // The engine may quote the statement.
  return Error(ErrorCode::kCoreUnavailable,
               "cannot open the core database " + options.path +
                   ": the engine cannot read object storages; is its extension httpfs in EXTENSION_DIRECTORY?");
}

Status CheckPath(const std::string& path) {
  if (IsObjectPath(path)) return {};
  if (path.find("://") != std::string::npos) {
    return Error(ErrorCode::kCoreUnavailable,
                 "not a file, and no other core database is supported yet: " + RedactSecrets(path));
  }
  const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
  std::error_code ignored;
  if (std::filesystem::is_directory(folder, ignored)) return {};
  return Error(ErrorCode::kCoreUnavailable, "the folder of the core database does not exist: " + folder.string());
}

constexpr std::chrono::seconds kFirstPull{30};

std::string AttachSql(const CoreDatabaseOptions& options) {
  if (options.path.empty()) return "ATTACH ':memory:' AS core";
  return "ATTACH " + QuoteLiteral(options.path) + " AS core (TYPE duckdb" + (options.read_only ? ", READ_ONLY" : "") +
         ")";
}

// The engine's wording names the lock's holder but buries it.
Error OpenError(const CoreDatabaseOptions& options, const Error& cause) {
  const bool locked = cause.message.find("Conflicting lock is held") != std::string::npos;
  const std::string why = locked ? "it is locked by another process: " : "";
  return Error(ErrorCode::kCoreUnavailable,
               "cannot open the core database " + options.path + ": " + why + cause.message);
}

}  // namespace

bool IsObjectPath(std::string_view path) { return path.starts_with("s3://"); }

Status CoreDatabase::Attach(engine::Session& session, const CoreDatabaseOptions& options) {
  if (!options.path.empty()) EIDER_RETURN_IF_ERROR(CheckPath(options.path));
  if (IsObjectPath(options.path)) EIDER_RETURN_IF_ERROR(AddStorage(session, options));
  if (auto attached = session.Run(AttachSql(options)); !attached) return OpenError(options, attached.error());
  const bool read_only = options.read_only && !options.path.empty();
  Status ready = read_only ? CheckCoreVersion(session) : MigrateCore(session);
  if (ready && options.secrets != nullptr) {
    ready = read_only ? options.secrets->AdoptReadOnly(session) : options.secrets->Adopt(session);
  }
  if (ready) return {};
  (void)session.Run("DETACH core");
  return OpenError(options, ready.error());
}

Result<MirrorState> CoreDatabase::ReadFile(engine::SessionPool& sessions, const CoreDatabaseOptions& options) {
  EIDER_ASSIGN_OR_RETURN(const engine::SessionPool::Lease session, sessions.Acquire());
  EIDER_RETURN_IF_ERROR(Attach(*session, options));
  auto rows = ReadMirrorRows(*session);
  (void)session->Run("DETACH core");
  if (!rows) return OpenError(options, rows.error());
  return rows;
}

Result<std::unique_ptr<CoreDatabase>> CoreDatabase::Open(engine::SessionPool& sessions,
                                                         const CoreDatabaseOptions& options) {
  EIDER_ASSIGN_OR_RETURN(const engine::SessionPool::Lease session, sessions.Acquire());
  EIDER_RETURN_IF_ERROR(Attach(*session, options));
  std::unique_ptr<CoreDatabase> database(new CoreDatabase(sessions, options.secrets));
  if (options.shared != nullptr) {
    database->mirror_ = std::make_unique<CoreMirror>(sessions, *options.shared, options.read_only);
    const CoreSnapshot* const known = options.snapshot;
    EIDER_RETURN_IF_ERROR(known == nullptr ? database->mirror_->Pull(Deadline::After(kFirstPull))
                                           : database->mirror_->Restore(known->versions, known->rows));
  }
  return database;
}

Status CoreDatabase::Change(const std::function<Status(engine::Session&)>& work,
                            const std::optional<LeaseToken>& lease) {
  std::shared_ptr<void> turn;
  if (mirror_ != nullptr) {
    const Deadline patience = Deadline::After(CoreStore::kPatience);
    EIDER_ASSIGN_OR_RETURN(turn, lease ? mirror_->TakeTurn(patience) : mirror_->TakeUsersTurn(patience));
  }
  EIDER_ASSIGN_OR_RETURN(engine::SessionPool::Lease session, sessions_.Acquire());
  if (auto begun = session->Run("BEGIN"); !begun) return std::move(begun).error();
  Status done = work(*session);
  if (done && mirror_ != nullptr) done = mirror_->Push(*session, lease);
  if (done) {
    if (auto committed = session->Run("COMMIT"); !committed) done = std::move(committed).error();
  }
  if (!done && !session->Run("ROLLBACK")) session.Discard();
  return done;
}

Result<std::vector<SourceRecord>> CoreDatabase::ListSources() {
  EIDER_ASSIGN_OR_RETURN(const engine::SessionPool::Lease session, sessions_.Acquire());
  auto records = Readable(ReadSources(*session, nullptr), secrets_);
  if (!records) return Unavailable(std::move(records).error());
  return records;
}

Result<std::optional<SourceRecord>> CoreDatabase::FindSource(std::string_view name, engine::Session* changing) {
  EIDER_ASSIGN_OR_RETURN(const engine::SessionPool::Lease session, sessions_.Acquire());
  const std::string key(name);
  auto records = Readable(ReadSources(changing == nullptr ? *session : *changing, &key), secrets_);
  if (!records) return Unavailable(std::move(records).error());
  if (records->empty()) return std::optional<SourceRecord>();
  return std::optional<SourceRecord>(std::move(records->front()));
}

Result<RoleRecords> CoreDatabase::ListRoles() {
  EIDER_ASSIGN_OR_RETURN(const engine::SessionPool::Lease session, sessions_.Acquire());
  EIDER_RETURN_IF_ERROR(session->Run("BEGIN TRANSACTION READ ONLY"));
  auto records = ReadRoles(*session);
  (void)session->Run("ROLLBACK");
  if (!records) return Unavailable(std::move(records).error());
  return records;
}

Status CoreDatabase::FinishRoleChange(engine::Session& changing) {
  EIDER_ASSIGN_OR_RETURN(
      const auto admin,
      engine::ReadTextRows(changing,
                           "SELECT name FROM core.eider.roles WHERE name = 'admin' AND NOT coalesce(disabled, false)"));
  if (admin.empty()) {
    return Error(ErrorCode::kConstraint, "role \"admin\" can be neither deleted nor disabled");
  }
  constexpr std::array<std::array<std::string_view, 3>, 3> kUses{{{"permissions", "role", "permissions"},
                                                                  {"api_keys", "default_role", "keys"},
                                                                  {"role_limits", "role", "limits"}}};
  for (const auto& [table, column, what] : kUses) {
    EIDER_ASSIGN_OR_RETURN(const std::string missing, MissingRoles(changing, table, column));
    if (missing.empty()) continue;
    return Error(ErrorCode::kConstraint, "there are " + std::string(what) + " of roles that do not exist: " + missing +
                                             "; create the role first, or delete its " + std::string(what) +
                                             " before it");
  }
  EIDER_RETURN_IF_ERROR(changing.Run("UPDATE core.eider.permission_version SET version = version + 1"));
  return {};
}

}  // namespace eider::cluster
