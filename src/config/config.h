#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace eider::config {

using Duration = std::chrono::milliseconds;

// A size in memory or on disk.
struct Bytes {
  std::uint64_t value = 0;
  friend bool operator==(Bytes, Bytes) = default;
};

// A size whose bare number counts megabytes.
struct Megabytes {
  std::uint64_t bytes = 0;
  friend bool operator==(Megabytes, Megabytes) = default;
};

// A size whose bare number counts megabytes up to 1024, and bytes beyond.
struct ItemSize {
  std::uint64_t bytes = 0;
  friend bool operator==(ItemSize, ItemSize) = default;
};

// Where a part of a source's SDL comes from: `localFS`, `uri`, `uriFile` or `text`.
struct CatalogConfig {
  std::string name;
  std::string type;
  std::string path;  // `[$NAME]` stands as written; the source resolves it.
};

// One item of `sources:` in the configuration file.
struct SourceConfig {
  std::string name;
  std::string type;
  std::string prefix;
  std::string path;  // `[$NAME]` stands as written; the source resolves it.
  std::string description;
  bool as_module = false;
  bool read_only = false;
  bool self_defined = false;
  bool disabled = false;
  std::vector<CatalogConfig> catalogs;
};

enum class LogLevel { kTrace, kDebug, kInfo, kWarn, kError };
enum class LogFormat { kJson, kText };
enum class CacheIdentity { kFull, kProjection };
enum class CacheBackend { kRedis, kMemcached };
enum class SubscriptionDelivery { kRow, kResult };
enum class AutoMigrate { kFalse, kTrue, kContract };

// Everything that a node can be told. A plain value; filled by Load() in config/load.h, whose option table holds the
// same defaults. A duration of zero means "no limit", a size or a count of zero "chosen by the node", unless the
// option's help says otherwise.
struct Config {
  // Listeners.
  std::string bind = ":15000";
  std::string service_bind;  // Empty = no second listener.
  std::string node_name;     // Empty = the host's name.
  bool admin_ui = true;
  std::vector<std::string> cors_allowed_origins;
  std::int64_t io_threads = 0;
  std::int64_t max_connections = 10'000;
  Bytes max_body_size{16u << 20};
  Duration write_timeout = std::chrono::seconds(60);

  // Subscriptions.
  std::int64_t ws_max_connections = 10'000;
  Bytes ws_max_message{128u << 20};
  std::int64_t subscriptions_per_connection = 100;
  Duration subscription_min_interval = std::chrono::milliseconds(100);
  SubscriptionDelivery subscription_delivery = SubscriptionDelivery::kRow;
  bool subscribe_complete_after_error = false;

  // Access.
  std::optional<bool> allowed_anonymous;  // Nothing = by the table of a secure start.
  std::string anonymous_role;
  std::string secret_key;
  bool allow_managed_api_keys = false;
  std::string auth_config_file;
  std::string oidc_issuer;
  std::string oidc_client_id;
  std::string oidc_client_secret;
  std::string oidc_redirect_url;
  Duration oidc_timeout = std::chrono::seconds(5);
  bool oidc_tls_insecure = false;
  bool oidc_skip_audience = false;
  bool oidc_userinfo = false;
  std::string oidc_cookie_name;
  std::string oidc_scopes = "openid profile email";
  std::string oidc_scope_role_prefix = "hugr:";
  std::string oidc_username_claim = "name";
  std::string oidc_userid_claim = "sub";
  std::string oidc_role_claim = "x-hugr-role";
  std::vector<std::string> trusted_proxies;
  std::int64_t rate_limit_rpm = 0;
  std::int64_t rate_limit_burst = 0;
  bool rate_limit_shared = false;
  std::int64_t auth_fail_limit = 20;
  std::vector<std::string> secrets_visible_roles;
  std::string core_db_encryption_key;  // Base64; empty = a file in db_home_directory.
  std::vector<std::string> core_db_encryption_keys_old;

  // Audit log.
  std::vector<std::string> audit_sink{"stdout"};
  Duration audit_retention = std::chrono::hours(30 * 24);  // 0 = for ever.
  bool audit_reads = false;
  bool audit_variables = false;
  bool audit_chain = false;
  Bytes audit_file_size{100u << 20};

  // Queries.
  Duration query_timeout = std::chrono::minutes(5);
  Duration http_source_timeout = std::chrono::seconds(30);
  std::int64_t query_default_limit = 2000;  // 0 = none.
  std::string warmup_file;
  std::string query_history;
  std::int64_t query_max_depth = 20;  // 0 = none.
  std::int64_t max_depth = 7;         // Recursion of generated types and introspection.
  bool error_extensions = false;      // Every error with its code and the request's id.
  bool allow_parallel = true;
  std::int64_t max_parallel_queries = 0;

  // Admission.
  std::int64_t max_concurrent_requests = 0;  // 0 = four for each core.
  std::int64_t admin_reserved_slots = 2;
  std::int64_t interactive_slots = 0;          // Slots that scans never take; 0 = a quarter of them, at least one.
  std::int64_t max_concurrent_per_source = 0;  // 0 = three quarters of those that are not reserved.
  std::int64_t max_queued_requests = 1000;
  Duration queue_timeout = std::chrono::seconds(10);
  Bytes query_memory_pool;  // 0 = 70 % of db_max_memory.
  Bytes query_memory_min{32u << 20};

  // Results that are kept.
  Duration cache_ttl = std::chrono::seconds(60);  // 0 = no time limit.
  CacheIdentity cache_identity = CacheIdentity::kFull;
  bool cache_l1_enabled = false;
  Megabytes cache_l1_max_size{64u << 20};
  ItemSize cache_l1_max_item_size;  // 0 = an eighth of the size.
  std::int64_t cache_l1_shards = 64;
  Duration cache_l1_clean_time = std::chrono::seconds(10);
  Duration cache_l1_eviction_time{0};  // Upper bound of any time to live in memory.
  bool cache_l2_enabled = false;
  CacheBackend cache_l2_backend = CacheBackend::kRedis;
  std::vector<std::string> cache_l2_addresses;
  std::int64_t cache_l2_database = 0;
  std::string cache_l2_username;
  std::string cache_l2_password;
  bool cache_l2_tls = false;
  Duration cache_l2_timeout = std::chrono::milliseconds(100);
  std::int64_t cache_l2_pool_size = 32;
  ItemSize cache_l2_max_item_size;  // 0 = 8 MB; 1 MB for memcached.
  std::string cache_l2_sentinel_master;

  // Engine.
  std::string core_db_path;       // Empty = memory.
  std::string db_home_directory;  // Empty = the engine's default.
  Bytes db_max_memory;
  std::int64_t db_worker_threads = 0;
  std::string db_temp_directory;
  Bytes db_max_temp_directory_size;
  std::string db_timezone = "UTC";
  std::string extension_directory;

  bool core_db_readonly = false;
  std::string core_db_s3_endpoint;
  std::string core_db_s3_region;
  std::string core_db_s3_key;
  std::string core_db_s3_secret;
  bool core_db_s3_use_ssl = true;
  std::string core_snapshot_dir;
  Duration core_snapshot_max_age = std::chrono::hours(24);
  std::string core_db_schema = "eider";
  std::int64_t core_db_pool_size = 8;
  AutoMigrate automigrate = AutoMigrate::kFalse;
  Duration permission_poll_interval = std::chrono::seconds(10);
  Duration permission_stale_limit = std::chrono::minutes(10);

  // Cluster; the node's name is `node_name`.
  bool cluster_enabled = false;
  std::string cluster_role;  // management or worker.
  std::string cluster_node_url;
  std::string cluster_secret;
  std::string cluster_secret_previous;
  Duration cluster_heartbeat = std::chrono::seconds(30);
  Duration cluster_ghost_ttl = std::chrono::minutes(2);
  Duration cluster_poll_interval = std::chrono::seconds(30);
  Duration cluster_lease_ttl = std::chrono::seconds(15);
  bool cluster_auto_promote = false;
  Duration cluster_promote_delay = std::chrono::seconds(10);
  Duration cluster_timeout = std::chrono::seconds(5);
  Duration cluster_apply_timeout = std::chrono::seconds(60);
  Duration cluster_check_interval = std::chrono::seconds(10);
  std::string cluster_management_url;
  bool cluster_accept_plain_secret = true;
  std::string cluster_tls_ca;
  std::string cluster_tls_cert;
  std::string cluster_tls_key;
  bool cluster_route_header = false;
  bool cluster_serve_queries = true;
  bool cluster_strict_start = false;
  Duration source_retry_min = std::chrono::seconds(2);
  Duration source_retry_max = std::chrono::seconds(60);
  std::int64_t breaker_failures = 5;
  Duration breaker_reset = std::chrono::seconds(10);
  bool breaker_shared = false;

  // Logs.
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kJson;
  Duration slow_query = std::chrono::seconds(1);

  // Traces.
  std::string otel_exporter_otlp_endpoint;  // Empty = no span is recorded.
  std::vector<std::string> otel_exporter_otlp_headers;
  std::string otel_exporter_otlp_protocol = "http/protobuf";
  std::int64_t otel_exporter_otlp_timeout = 10'000;  // Milliseconds.
  std::string otel_service_name = "eider";
  std::string otel_traces_sampler = "parentbased_always_on";
  std::string otel_traces_sampler_arg;

  // Stopping.
  Duration drain_delay = std::chrono::seconds(5);
  Duration drain_timeout = std::chrono::seconds(30);

  // The configuration file alone.
  std::vector<SourceConfig> sources;
};

}  // namespace eider::config
