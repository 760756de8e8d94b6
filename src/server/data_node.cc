#include "server/data_node.h"

#include <algorithm>
#include <filesystem>
#include <thread>
#include <tuple>

#include "cluster/pg_migrations.h"
#include "query/cache_reads.h"
#include "server/access_functions.h"
#include "server/audit.h"
#include "server/breaker_sharing.h"
#include "server/cache_functions.h"
#include "server/cluster_functions.h"
#include "server/cluster_node.h"
#include "server/gis_functions.h"
#include "server/http_functions.h"
#include "server/option_mapping.h"
#include "server/query_functions.h"
#include "server/query_history.h"

namespace eider::server {

std::string DataNode::version() { return EIDER_VERSION; }

std::string DataNode::build_date() { return __DATE__; }

DataNode::~DataNode() = default;

namespace {

// How the sizes were understood, since bare numbers may count megabytes.
void LogSizes(observe::Log* log, const cache::CacheOptions& options) {
  if (log == nullptr || !options.local) return;
  const std::size_t item = options.local->max_item_bytes;
  log->Info("results are kept in memory",
            {{"max_bytes", static_cast<std::int64_t>(options.local->max_bytes)},
             {"max_item_bytes", static_cast<std::int64_t>(item == 0 ? options.local->max_bytes / 8 : item)}});
}

// The file with the key of the core database: in the engine's own folder, else beside the database.
std::string KeyFile(const config::Config& config) {
  if (config.core_db_path.empty()) return {};
  if (cluster::IsPostgresPath(config.core_db_path) || cluster::IsObjectPath(config.core_db_path)) {
    return config.db_home_directory.empty() ? ""
                                            : (std::filesystem::path(config.db_home_directory) / "eider.key").string();
  }
  const std::filesystem::path folder = !config.db_home_directory.empty()
                                           ? std::filesystem::path(config.db_home_directory)
                                           : std::filesystem::absolute(config.core_db_path).parent_path();
  return (folder / "eider.key").string();
}

// What tells the key of the core database.
Result<cluster::KeyCheck> CoreKeyCheck(const config::Config& config, const cluster::CoreCipher& cipher) {
  cluster::KeyCheck check{"core_key_check",
                          cipher.fingerprint(),
                          {},
                          "core encryption key does not match: CORE_DB_ENCRYPTION_KEY is not that of the other nodes"};
  for (const std::string& old : config.core_db_encryption_keys_old) {
    EIDER_ASSIGN_OR_RETURN(const auto former, cluster::CoreCipher::Open({.key = old}));
    check.former.push_back(former->fingerprint());
  }
  return check;
}

// How the core database at CORE_DB_PATH is opened when it is a file, here or in an object storage.
cluster::CoreDatabaseOptions CoreFileOptions(const config::Config& config, cluster::CoreSecrets* secrets) {
  cluster::CoreDatabaseOptions core;
  core.path = config.core_db_path;
  core.read_only = IsReadOnlyCore(config);
  core.storage = {config.core_db_s3_endpoint, config.core_db_s3_region, config.core_db_s3_key, config.core_db_s3_secret,
                  config.core_db_s3_use_ssl};
  core.secrets = secrets;
  return core;
}

}  // namespace

Status DataNode::CheckStore(const config::Config& config) {
  if (pg_store_ == nullptr) return {};
  if (config.automigrate == config::AutoMigrate::kFalse) return cluster::CheckPgVersion(*pg_store_);
  cluster::PgMigrationOptions migration;
  migration.contract = config.automigrate == config::AutoMigrate::kContract;
  migration.applied_by = NodeName(config) + " " + version();
  migration.print = [log = log_](std::string_view done) {
    if (log != nullptr) log->Info("core database migrated", {{"step", done}});
  };
  return cluster::MigratePg(*pg_store_, migration);
}

Status DataNode::OpenStore(const DataNodeOptions& options, const std::shared_ptr<const cluster::CoreCipher>& cipher) {
  const config::Config& config = options.config;
  const bool is_postgres = cluster::IsPostgresPath(config.core_db_path);
  // Commands read the file alone.
  const bool is_shared_file = IsReadOnlyCluster(config) && options.metrics != nullptr;
  if (!is_postgres && !is_shared_file) return {};
  EIDER_ASSIGN_OR_RETURN(core_key_, CoreKeyCheck(config, *cipher));
  adopt_store_ = [this, config]() -> Status {
    EIDER_RETURN_IF_ERROR(CheckStore(config));
    return CheckKeys(config);
  };
  return is_postgres ? OpenPgStore(config, cipher) : OpenReadOnlyStore(options);
}

Status DataNode::OpenReadOnlyStore(const DataNodeOptions& options) {
  const config::Config& config = options.config;
  EIDER_ASSIGN_OR_RETURN(auto rows,
                         cluster::CoreDatabase::ReadFile(*sessions_, CoreFileOptions(config, secrets_.get())));
  if (config.cluster_role == "management") {
    EIDER_ASSIGN_OR_RETURN(auto store, cluster::MemoryCoreStore::Open());
    memory_store_ = store.get();
    store_ = std::move(store);
    EIDER_RETURN_IF_ERROR(memory_store_->Fill(rows));
    return adopt_store_();
  }
  cluster::SignedPeerCallsOptions calls;
  calls.name = NodeName(config);
  calls.secret = config.cluster_secret;
  calls.timeout = cluster::CoreStore::kPatience;
  calls.certificates = options.certificates;
  core_calls_ = std::make_unique<cluster::SignedPeerCalls>(std::move(calls), *options.metrics);
  auto store = std::make_unique<cluster::RemoteCoreStore>(*core_calls_, config.cluster_management_url);
  remote_store_ = store.get();
  store_ = std::move(store);
  const auto answered = store_->ClockOffset(Deadline::After(cluster::CoreStore::kPatience));
  if (answered) return adopt_store_();
  if (answered.error().code == ErrorCode::kUnauthenticated) return answered.error();
  start_snapshot_.emplace();
  start_snapshot_->rows = std::move(rows);
  is_adopted_ = false;
  if (log_ != nullptr) log_->Warn("started from the core database's file alone: " + answered.error().message);
  return {};
}

Status DataNode::WantRegistered(const config::Config& config) {
  if (memory_store_ == nullptr && (remote_store_ == nullptr || !start_snapshot_)) return {};
  EIDER_ASSIGN_OR_RETURN(std::vector<cluster::SourceRecord> records, core_->ListSources());
  std::erase_if(records, [](const cluster::SourceRecord& record) { return record.disabled; });
  if (memory_store_ != nullptr) {
    return cluster::DesiredSources(*memory_store_, secrets_->cipher()).Begin(records, NodeName(config));
  }
  for (cluster::SourceRecord& record : records) {
    cluster::CoreSnapshot::Source& source = start_snapshot_->sources.emplace_back();
    source.wanted.name = record.name;
    // Of no management node.
    source.wanted.generation = 1;
    source.wanted.is_loaded = true;
    source.wanted.record = std::move(record);
  }
  return {};
}

Status DataNode::OpenPgStore(const config::Config& config, const std::shared_ptr<const cluster::CoreCipher>& cipher) {
  EIDER_ASSIGN_OR_RETURN(auto store, cluster::PgCoreStore::Open(PgCoreOptionsOf(config)));
  pg_store_ = store.get();
  store_ = std::move(store);
  if (config.core_snapshot_dir.empty()) return adopt_store_();
  snapshots_ = std::make_unique<cluster::CoreSnapshots>(config.core_snapshot_dir, config.core_snapshot_max_age, cipher);
  const auto answered = store_->ClockOffset(Deadline::After(cluster::CoreStore::kPatience));
  if (answered) return adopt_store_();
  auto known = snapshots_->Load();
  if (!known) return Error(ErrorCode::kCoreUnavailable, answered.error().message + "; " + known.error().message);
  start_snapshot_ = std::move(*known);
  is_adopted_ = false;
  if (log_ != nullptr) log_->Warn("started from a snapshot: " + answered.error().message);
  return {};
}

Status DataNode::AdoptStore() {
  if (is_adopted_) return {};
  MutexLock lock(adopt_mutex_);
  if (is_adopted_) return {};
  if (Status adopted = adopt_store_(); !adopted) {
    const ErrorCode code = adopted.error().code;
    if (code == ErrorCode::kBadInput || code == ErrorCode::kUnauthenticated) has_core_key_ = false;
    return adopted;
  }
  is_adopted_ = true;
  return {};
}

void DataNode::KeepSnapshot() {
  if (snapshots_ == nullptr || core_ == nullptr || core_->mirror() == nullptr) return;
  if (kept_ == core_->mirror()->versions()) return;
  cluster::CoreSnapshot snapshot;
  std::tie(snapshot.versions, snapshot.rows) = core_->mirror()->Known();
  cluster::DesiredSources desired(*store_, secrets_->cipher());
  auto wanted = desired.List();
  if (!wanted) return;
  for (cluster::DesiredSource& source : *wanted) {
    auto model = desired.Model(source);
    if (!model) return;
    snapshot.sources.push_back({std::move(source), std::move(*model)});
  }
  const Status saved = snapshots_->Save(snapshot);
  if (!saved && log_ != nullptr) log_->Warn(saved.error().message);
  // Not tried again before something changes: the disk may be full for long.
  kept_ = snapshot.versions;
}

void DataNode::ForgetResults(const std::string& source) {
  if (cache_ != nullptr) cache_->Bump({query::SourceTag(source)}, cache::ResultCache::Scope::kThisNode);
}

void DataNode::ForgetEverything(const std::optional<std::string>& source) {
  service_->ForgetPlans();
  if (source) return ForgetResults(*source);
  if (cache_ != nullptr) cache_->BumpAll(cache::ResultCache::Scope::kThisNode);
}

Status DataNode::SyncStorages() {
  EIDER_ASSIGN_OR_RETURN(const auto versions, store_->Versions(Deadline::After(cluster::CoreStore::kPatience)));
  EIDER_RETURN_IF_ERROR(FollowCore(versions));
  std::string problems;
  for (const std::string& problem : storages_->Sync()) problems.append(problems.empty() ? "" : "; ").append(problem);
  if (problems.empty()) return {};
  return Error(ErrorCode::kSourceUnavailable, std::move(problems));
}

Result<bool> DataNode::FollowCore(const cluster::CoreVersions& versions) {
  if (core_ == nullptr || core_->mirror() == nullptr) return false;
  EIDER_RETURN_IF_ERROR(AdoptStore());
  EIDER_ASSIGN_OR_RETURN(const bool changed,
                         core_->mirror()->PullIfOlder(versions, Deadline::After(std::chrono::seconds(10))));
  if (!changed) return false;
  for (const std::string& problem : storages_->Sync()) {
    if (log_ != nullptr) log_->Error("not usable", {{"reason", problem}});
  }
  EIDER_RETURN_IF_ERROR(permissions_->Refresh());
  EIDER_RETURN_IF_ERROR(keys_->Refresh());
  return true;
}

// Whether this node has the secrets that the others have.
Status DataNode::CheckKeys(const config::Config& config) {
  if (only_looks_) {
    EIDER_RETURN_IF_ERROR(LookAtCoreKey());
    if (!has_core_key_) return Error(ErrorCode::kBadInput, core_key_.mismatch);
    EIDER_ASSIGN_OR_RETURN(const std::string written_with, cluster::StoredSetting(*store_, core_key_.setting));
    return secrets_->AdoptSharedReadOnly(*store_, written_with);
  }
  if (config.cluster_enabled) {
    EIDER_RETURN_IF_ERROR(cluster::CheckSharedKey(
        *store_, cluster::ClusterSecretCheck(config.cluster_secret, config.cluster_secret_previous)));
  }
  EIDER_ASSIGN_OR_RETURN(const std::string written_with, cluster::StoredSetting(*store_, core_key_.setting));
  // First: the check replaces what tells with which key the database was written. Its failure says more.
  Status adopted = secrets_->AdoptShared(*store_, written_with);
  EIDER_RETURN_IF_ERROR(cluster::CheckSharedKey(*store_, core_key_));
  return adopted;
}

Status DataNode::LookAtCoreKey() {
  if (store_ == nullptr || !is_adopted_ || core_key_.setting.empty()) return {};
  EIDER_ASSIGN_OR_RETURN(const bool has, cluster::HasSharedKey(*store_, core_key_));
  if (!has && has_core_key_ && log_ != nullptr) log_->Error(core_key_.mismatch);
  has_core_key_ = has;
  return {};
}

Status DataNode::OpenCore(const DataNodeOptions& options) {
  const config::Config& config = options.config;
  cluster::CipherOptions keys{config.core_db_encryption_key, config.core_db_encryption_keys_old, {}};
  if (options.with_core && cluster::IsPostgresPath(config.core_db_path) && keys.key.empty()) {
    EIDER_ASSIGN_OR_RETURN(keys.key, SharedCoreKey(config, options.log));
  }
  // A missing folder is the core database's to report. What is only read has its key already, or none.
  const std::string file = options.with_core ? KeyFile(config) : "";
  const std::filesystem::path path(file);
  const bool makes_key = !options.only_looks && !IsReadOnlyCore(config);
  std::error_code ignored;
  if (makes_key ? std::filesystem::is_directory(path.parent_path(), ignored) : std::filesystem::exists(path, ignored)) {
    keys.key_file = file;
  }
  EIDER_ASSIGN_OR_RETURN(auto cipher, cluster::CoreCipher::Open(keys));
  secrets_ = std::make_unique<cluster::CoreSecrets>(cipher, [log = options.log](std::string_view warning) {
    if (log != nullptr) log->Warn(warning);
  });
  EIDER_RETURN_IF_ERROR(secrets_->Register(*database_));
  storages_ = std::make_unique<sources::ObjectStorages>(
      *sessions_, cipher, [this](const sources::ObjectStorages::Work& work) -> Status {
        if (core_ != nullptr) return core_->Change(work);
        return Error(ErrorCode::kCoreUnavailable, "there is no core database to remember it");
      });
  if (!options.with_core) return {};
  EIDER_RETURN_IF_ERROR(OpenStore(options, cipher));
  cluster::CoreDatabaseOptions core = CoreFileOptions(config, secrets_.get());
  if (store_) core.path.clear();
  core.snapshot = start_snapshot();
  core.shared = store_.get();
  EIDER_ASSIGN_OR_RETURN(core_, cluster::CoreDatabase::Open(*sessions_, core));
  EIDER_RETURN_IF_ERROR(WantRegistered(config));
  start_problems_ = storages_->Sync();
  keys_ = std::make_unique<KeyTable>(*sessions_);
  return keys_->Refresh();
}

Result<int> DataNode::RotateKeys() {
  if (core_ == nullptr) return Error(ErrorCode::kBadInput, "there is no core database");
  if (pg_store_ != nullptr) return secrets_->RotateShared(*pg_store_);
  EIDER_ASSIGN_OR_RETURN(const engine::SessionPool::Lease session, sessions_->Acquire());
  return secrets_->Rotate(*session);
}

Result<std::unique_ptr<DataNode>> DataNode::Open(const DataNodeOptions& options) {
  const config::Config& config = options.config;
  std::unique_ptr<DataNode> node(new DataNode());
  node->log_ = options.log;
  node->only_looks_ = options.only_looks;
  EIDER_ASSIGN_OR_RETURN(node->database_, engine::Database::Open(DatabaseOptionsOf(config)));
  node->sessions_ =
      std::make_unique<engine::SessionPool>(engine::EngineSessions(*node->database_), engine::SessionPool::Options{});
  EIDER_RETURN_IF_ERROR(node->OpenCore(options));
  if (options.audits && options.log != nullptr) {
    EIDER_ASSIGN_OR_RETURN(node->audit_, OpenAudit(config, {*options.log, *node->sessions_,
                                                            node->core_ != nullptr && node->core_->mirror() == nullptr,
                                                            node->secrets_->cipher().audit_key()}));
  }
  if (options.audits && options.log != nullptr && options.metrics != nullptr) {
    EIDER_ASSIGN_OR_RETURN(node->history_,
                           OpenHistory(config, {*node->sessions_, node->store_.get(), *options.metrics, *options.log}));
  }
  EIDER_RETURN_IF_ERROR(AddHistoryRows(*node->database_, node->pg_store_));
  node->permissions_ = std::make_unique<auth::PermissionStore>(
      node->core_.get(), auth::SecretReaders{config.secrets_visible_roles, node->secrets_->secret_reader()});
  EIDER_RETURN_IF_ERROR(node->permissions_->Refresh());
  sources::SourceRegistry::Options registry;
  registry.compile.default_limit = config.query_default_limit;
  registry.declared = DeclaredSources(config);
  registry.http = HttpDefaultsOf(config);
  EIDER_ASSIGN_OR_RETURN(registry.breaker, BreakerOptionsOf(config));
  registry.with_members = true;
  registry.in_cluster = config.cluster_enabled && node->store_ != nullptr;
  EIDER_RETURN_IF_ERROR(AddClusterTables(*node->database_, node->cluster_));
  node->sources_ = std::make_unique<sources::SourceRegistry>(*node->database_, *node->sessions_, node->core_.get(),
                                                             node->snapshot_, std::move(registry));
  EIDER_RETURN_IF_ERROR(node->sources_->Start());
  EIDER_RETURN_IF_ERROR(AddHttpFunctions(*node->database_, *node->sources_));
  RegisterHttpFunctions(node->functions_, *node->sources_);
  RegisterGisFunctions(node->functions_);
  RegisterAccessFunctions(node->functions_, *node->permissions_, node->snapshot_);
  RegisterStorageFunctions(node->functions_, *node->storages_);
  if (auto cache = CacheOptionsOf(config)) {
    if (options.metrics != nullptr) TimeCache(*options.metrics, *cache);
    EIDER_ASSIGN_OR_RETURN(auto shared, MakeResultStore(config));
    if (config.cache_l1_shards < 1 || config.cache_l1_shards > 256) {
      return Error(ErrorCode::kBadInput, "CACHE_L1_SHARDS must be a number from 1 to 256");
    }
    LogSizes(options.log, *cache);
    node->cache_ = std::make_unique<cache::ResultCache>(*cache, std::move(shared));
    node->flights_ = std::make_unique<async::BlockingPool>("eider-shared", AdmissionOptionsOf(config).slots);
  }
  RegisterCoreFunctions(node->functions_, *node->sources_,
                        {version(), build_date(), config, options.log, node->cache_.get(), &node->lone_});

  if (config.cluster_enabled && node->store_ != nullptr) {
    RegisterClusterFunctions(node->functions_, node->cluster_);
    RegisterClusterLoading(node->functions_, node->cluster_);
    node->events_ = std::make_unique<EventTail>(*node->store_, [raw = node.get()] { return raw->StoreIdentity(); });
    node->streams_.Register("core.cluster.watch_events", [events = node->events_.get()] { return events->Newest(); });
  }
  RegisterQueryFunctions(node->functions_, node->live_, node->cluster_, NodeName(config));
  RegisterCacheFunctions(node->functions_, node->cache_.get());

  const int helpers = static_cast<int>(std::max(2U, std::thread::hardware_concurrency()));
  node->helpers_ = std::make_unique<async::BlockingPool>("eider-helper", helpers);
  node->router_ = std::make_unique<query::SessionRouter>(
      *node->sessions_,
      [sources = node->sources_.get()](std::string_view name) { return sources->NativeSessions(name); },
      query::SessionRouter::Silence{
          [] { return async::Pulse::silent_servers() > 0 || CircuitBreaker::opened_by_others() > 0; },
          [sources = node->sources_.get()](std::string_view name) { return sources->CheckPulse(name); }},
      query::SessionRouter::Calls{
          [] { return sources::EngineConnects::live() > 0; },
          [sources = node->sources_.get()](std::string_view name) { return sources->IsCalledByEngine(name); },
          [sources = node->sources_.get()](std::string_view name) { return sources->BeginCall(name); }});
  node->breakers_ = std::make_unique<BreakerMonitor>(*node->sources_);
  node->pulse_ = std::make_unique<PulseMonitor>(node->live_, *node->sources_, AdmissionOptionsOf(config).slots);
  query::QueryServiceParts parts{
      .sessions = *node->router_,
      .snapshot = node->snapshot_,
      .functions = node->functions_,
      .helpers = node->helpers_.get(),
      .permissions = node->permissions_.get(),
      .cache = node->cache_.get(),
      .flights = node->flights_.get(),
      .audit = node->audit_.get(),
      .core_changed =
          [keys = node->keys_.get(), log = options.log] {
            const Status done = keys == nullptr ? Status() : keys->Refresh();
            if (!done && log != nullptr) {
              log->Error("keys cannot be read", {{"reason", done.error().message}});
            }
          },
      .is_away = [sources = node->sources_.get()](std::string_view name) { return sources->IsAway(name); },
      .any_away = [sources = node->sources_.get()] { return sources->any_away(); },
      .is_drained =
          [&slot = node->cluster_] {
            const ClusterNode* const cluster = slot.load();
            return cluster != nullptr && cluster->is_drained();
          },
      .core_mirror = node->core_ ? node->core_->mirror() : nullptr,
      .streams = &node->streams_};
  EIDER_ASSIGN_OR_RETURN(node->service_, query::CreateQueryService(parts, QueryOptionsOf(config)));
  return node;
}

std::string DataNode::StoreIdentity() const {
  if (memory_store_ != nullptr) return memory_store_->position().store;
  return remote_store_ != nullptr ? remote_store_->position().store : std::string();
}

}  // namespace eider::server
