#include "server/option_mapping.h"

#include <unistd.h>

#include <algorithm>
#include <thread>

#include "base/digest.h"
#include "server/data_node.h"

namespace eider::server {
namespace {

int Cores() { return static_cast<int>(std::max(1U, std::thread::hardware_concurrency())); }

// Memory for grants: as configured, else a share of what the engine may use, which by default is a share of the
// machine's.
std::int64_t MemoryPool(const config::Config& config) {
  if (config.query_memory_pool.value > 0) return static_cast<std::int64_t>(config.query_memory_pool.value);
  constexpr double kOfMachine = 0.8;
  constexpr double kOfEngine = 0.7;
  const double machine = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  const double engine =
      config.db_max_memory.value > 0 ? static_cast<double>(config.db_max_memory.value) : kOfMachine * machine;
  return static_cast<std::int64_t>(kOfEngine * engine);
}

http::SubscribeOptions SubscribeOptionsOf(const config::Config& config) {
  const bool rows = config.subscription_delivery == config::SubscriptionDelivery::kRow;
  http::SubscribeOptions options;
  options.max_connections = static_cast<std::size_t>(config.ws_max_connections);
  options.max_message = config.ws_max_message.value;
  options.per_connection = static_cast<std::size_t>(config.subscriptions_per_connection);
  options.defaults.delivery = rows ? query::Delivery::kRows : query::Delivery::kResults;
  options.defaults.min_interval = config.subscription_min_interval;
  options.completes_after_error = config.subscribe_complete_after_error;
  return options;
}

}  // namespace

std::string NodeName(const config::Config& config) {
  if (!config.node_name.empty() && config.node_name != "hostname") return config.node_name;
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "eider";
}

cluster::PgCoreOptions PgCoreOptionsOf(const config::Config& config) {
  cluster::PgCoreOptions options;
  options.path = config.core_db_path;
  options.schema = config.core_db_schema;
  options.pool_size = static_cast<std::size_t>(std::max<std::int64_t>(1, config.core_db_pool_size));
  return options;
}

bool IsReadOnlyCore(const config::Config& config) {
  return config.core_db_readonly || cluster::IsObjectPath(config.core_db_path);
}

bool IsReadOnlyCluster(const config::Config& config) {
  const bool is_file = !config.core_db_path.empty() && !cluster::IsPostgresPath(config.core_db_path);
  return config.cluster_enabled && is_file && IsReadOnlyCore(config);
}

Result<std::string> SharedCoreKey(const config::Config& config, observe::Log* log) {
  if (!config.cluster_enabled && !config.db_home_directory.empty()) return std::string();
  if (!config.cluster_enabled) {
    return Error(ErrorCode::kBadInput,
                 "a core database in PostgreSQL needs CORE_DB_ENCRYPTION_KEY, 32 bytes in base64, or DB_HOME_DIRECTORY "
                 "for a key of its own");
  }
  if (log != nullptr) {
    log->Warn("CORE_DB_ENCRYPTION_KEY is not given: secrets in the core database are encrypted by CLUSTER_SECRET");
  }
  return Base64(BytesOf(HkdfSha256(config.cluster_secret, "eider core v1")));
}

engine::DatabaseOptions DatabaseOptionsOf(const config::Config& config) {
  engine::DatabaseOptions options;
  options.memory_limit_bytes = static_cast<std::int64_t>(config.db_max_memory.value);
  options.temp_directory = config.db_temp_directory;
  options.threads = static_cast<int>(config.db_worker_threads);
  options.extension_directory = config.extension_directory;
  options.time_zone = config.db_timezone;
  if (!config.db_home_directory.empty()) options.settings["home_directory"] = config.db_home_directory;
  if (config.db_max_temp_directory_size.value != 0) {
    options.settings["max_temp_directory_size"] = std::to_string(config.db_max_temp_directory_size.value) + "B";
  }
  return options;
}

query::QueryServiceOptions QueryOptionsOf(const config::Config& config) {
  query::QueryServiceOptions options;
  options.default_limit = config.query_default_limit;
  options.max_depth = static_cast<std::size_t>(config.query_max_depth);
  options.introspection_depth = static_cast<std::size_t>(config.max_depth);
  options.max_parallel = config.allow_parallel ? static_cast<int>(config.max_parallel_queries) : 1;
  options.time_zone = config.db_timezone;
  options.core_only = config.cluster_enabled && !config.cluster_serve_queries;
  return options;
}

async::AdmissionOptions AdmissionOptionsOf(const config::Config& config) {
  async::AdmissionOptions options;
  const int wanted = static_cast<int>(config.max_concurrent_requests);
  options.slots = std::max(2, wanted > 0 ? wanted : 4 * Cores());
  const int interactive = static_cast<int>(config.interactive_slots);
  options.interactive_slots = std::clamp(interactive > 0 ? interactive : options.slots / 4, 1, options.slots - 1);
  // At least one place is for everybody.
  options.reserved_slots = static_cast<int>(std::min<std::int64_t>(config.admin_reserved_slots, options.slots - 1));
  const int per_source = static_cast<int>(config.max_concurrent_per_source);
  const int of_everybody = options.slots - options.reserved_slots;
  options.source_slots = per_source > 0 ? per_source : std::max(1, of_everybody * 3 / 4);
  options.max_queued = static_cast<int>(config.max_queued_requests);
  options.queue_timeout = config.queue_timeout;
  options.memory_grant = static_cast<std::int64_t>(config.query_memory_min.value);
  if (options.memory_grant > 0) options.memory_pool = std::max(MemoryPool(config), options.memory_grant);
  return options;
}

sources::HttpDefaults HttpDefaultsOf(const config::Config& config) {
  sources::HttpDefaults defaults;
  if (config.http_source_timeout.count() > 0) defaults.peer.timeout = config.http_source_timeout;
  // The others stay for requests that need no such source.
  defaults.max_callers = std::max(1, AdmissionOptionsOf(config).slots / 2);
  return defaults;
}

std::optional<cache::CacheOptions> CacheOptionsOf(const config::Config& config) {
  if (!config.cache_l1_enabled && !config.cache_l2_enabled) return std::nullopt;
  cache::CacheOptions options;
  if (config.cache_l1_enabled) {
    options.local.emplace();
    options.local->max_bytes = config.cache_l1_max_size.bytes;
    options.local->max_item_bytes = config.cache_l1_max_item_size.bytes;
    options.local->shards = static_cast<int>(std::clamp<std::int64_t>(config.cache_l1_shards, 1, 256));
  }
  options.default_ttl = config.cache_ttl;
  options.max_local_ttl = config.cache_l1_eviction_time;
  options.clean_time = config.cache_l1_clean_time;
  const bool small = config.cache_l2_backend == config::CacheBackend::kMemcached;
  options.shared.max_item_bytes = config.cache_l2_max_item_size.bytes;
  if (options.shared.max_item_bytes == 0) options.shared.max_item_bytes = small ? (1 << 20) - 1024 : 8 << 20;
  options.shared.timeout = config.cache_l2_timeout;
  options.identity_projection = config.cache_identity == config::CacheIdentity::kProjection;
  return options;
}

http::ServerOptions HttpOptionsOf(const config::Config& config) {
  http::ServerOptions options;
  options.bind = config.bind;
  options.service_bind = config.service_bind;
  options.admin_ui = config.admin_ui;
  options.forwards = config.cluster_route_header;
  options.full_errors = config.error_extensions;
  options.allowed_origins = config.cors_allowed_origins;
  options.node_name = NodeName(config);
  options.version = DataNode::version();
  options.io_threads = static_cast<int>(config.io_threads);
  options.max_connections = static_cast<std::size_t>(config.max_connections);
  options.max_body_bytes = config.max_body_size.value;
  options.max_queued_requests = static_cast<std::size_t>(config.max_queued_requests);
  options.query_timeout = config.query_timeout;
  options.write_timeout = config.write_timeout;
  options.slow_query = config.slow_query;
  options.subscribe = SubscribeOptionsOf(config);
  return options;
}

observe::LogOptions LogOptionsOf(const config::Config& config) {
  observe::LogOptions options;
  // Both enumerations list the same words in the same order.
  options.level = static_cast<observe::LogLevel>(config.log_level);
  options.format = static_cast<observe::LogFormat>(config.log_format);
  options.node = NodeName(config);
  return options;
}

std::vector<cluster::SourceRecord> DeclaredSources(const config::Config& config) {
  std::vector<cluster::SourceRecord> records;
  for (const config::SourceConfig& source : config.sources) {
    cluster::SourceRecord record;
    record.name = source.name;
    record.type = source.type;
    record.prefix = source.prefix;
    record.description = source.description;
    record.path = source.path;
    record.as_module = source.as_module;
    record.disabled = source.disabled;
    record.self_defined = source.self_defined;
    record.read_only = source.read_only;
    for (const config::CatalogConfig& catalog : source.catalogs) {
      record.catalogs.push_back({catalog.name, catalog.type, catalog.path});
    }
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace eider::server
