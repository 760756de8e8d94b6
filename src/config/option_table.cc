#include <algorithm>

#include "config/option.h"

namespace eider::config {
namespace {

constexpr Option kListeners[] = {
    {"bind", &Config::bind, ":15000",
     "Where HTTP is served, as HOST:PORT. Without any provider of identities only on loopback."},
    {"service_bind", &Config::service_bind, "",
     "A second listener for health and metrics alone, such as 127.0.0.1:13000; empty: none."},
    {"cluster_node_name", &Config::node_name, "",
     "The node's name in logs and on the explorer page; empty: the host's name."},
    {"admin_ui", &Config::admin_ui, "true", "Serve the explorer page at /admin."},
    {"cors_allowed_origins", &Config::cors_allowed_origins, "",
     "Origins of other sites' pages that may query this node, comma-separated, such as https://app.example.org."},
    {"io_threads", &Config::io_threads, "0", "Threads that read and write sockets; 0: chosen by the number of cores."},
    {"max_connections", &Config::max_connections, "10000", "Connections beyond these are closed at once."},
    {"max_body_size", &Config::max_body_size, "16MB", "A larger request body is refused with status 413."},
    {"write_timeout", &Config::write_timeout, "60s",
     "A client that takes nothing of its answer for so long is disconnected; 0: never."},
};

constexpr Option kSubscriptions[] = {
    {"ws_max_connections", &Config::ws_max_connections, "10000",
     "Open WebSockets; a further one is refused with status 503."},
    {"ws_max_message", &Config::ws_max_message, "128MB", "A longer message of a client ends its WebSocket."},
    {"subscriptions_per_connection", &Config::subscriptions_per_connection, "100",
     "Operations that one WebSocket may have open at once."},
    {"subscription_min_interval", &Config::subscription_min_interval, "100ms",
     "Shorter intervals of subscriptions are raised to it."},
    {"subscription_delivery", &Config::subscription_delivery, "row",
     "Whether a subscriber gets a message for each row or for each whole result, if it does not say which."},
    {"subscribe_complete_after_error", &Config::subscribe_complete_after_error, "false",
     "Send complete behind error, as older clients want it."},
};

constexpr Option kAccess[] = {
    {"allowed_anonymous", &Config::allowed_anonymous, "",
     "Whether requests without credentials are served; empty: only on loopback, and only while there is no provider."},
    {"anonymous_role", &Config::anonymous_role, "",
     "Role of requests without credentials; empty: admin on loopback, public elsewhere."},
    {"secret_key",
     &Config::secret_key,
     "",
     "The key that makes an admin of who shows it in x-hugr-secret-key.",
     {},
     true},
    {"allow_managed_api_keys", &Config::allow_managed_api_keys, "false",
     "Accept the keys of core.api_keys in x-hugr-api-key.", "ALLOWED_MANAGED_API_KEYS,ALLOWED_DB_API_KEYS"},
    {"auth_config_file", &Config::auth_config_file, "",
     "JSON or YAML file with keys and token providers; read again on SIGHUP and when it changes."},
    {"oidc_issuer", &Config::oidc_issuer, "", "URL of an OpenID provider whose tokens are accepted; empty: none."},
    {"oidc_client_id", &Config::oidc_client_id, "", "The audience that its tokens must have."},
    {"oidc_client_secret",
     &Config::oidc_client_secret,
     "",
     "Refused: nobody logs in through a node, and tokens need none.",
     {},
     true},
    {"oidc_redirect_url", &Config::oidc_redirect_url, "",
     "Where a login page sends browsers back to, when redirect_url of the auth file says nothing."},
    {"oidc_timeout", &Config::oidc_timeout, "5s", "How long the provider may take for an answer.",
     "OIDC_CLIENT_TIMEOUT"},
    {"oidc_tls_insecure", &Config::oidc_tls_insecure, "false", "Do not check the provider's certificate."},
    {"oidc_skip_audience", &Config::oidc_skip_audience, "false", "Accept tokens for any audience."},
    {"oidc_userinfo", &Config::oidc_userinfo, "false", "Ask the provider about tokens that are no JWT."},
    {"oidc_cookie_name", &Config::oidc_cookie_name, "", "A cookie that may hold the token; empty: none."},
    {"oidc_scopes", &Config::oidc_scopes, "openid profile email",
     "Only the default is accepted: nobody logs in through a node."},
    {"oidc_scope_role_prefix", &Config::oidc_scope_role_prefix, "hugr:", "Scopes that begin so name roles."},
    {"oidc_username_claim", &Config::oidc_username_claim, "name", "The claim with the user's name."},
    {"oidc_userid_claim", &Config::oidc_userid_claim, "sub", "The claim with the user's id."},
    {"oidc_role_claim", &Config::oidc_role_claim, "x-hugr-role", "The claim with the role; dots lead into objects."},
    {"trusted_proxies", &Config::trusted_proxies, "",
     "Networks of proxies whose X-Forwarded-For is believed, comma-separated, such as 10.0.0.0/8."},
    {"rate_limit_rpm", &Config::rate_limit_rpm, "0", "Requests that a principal may send in a minute; 0: any number."},
    {"rate_limit_burst", &Config::rate_limit_burst, "0",
     "Of these, requests that may come at once; 0: those of two seconds."},
    {"rate_limit_shared", &Config::rate_limit_shared, "false",
     "Count the requests of all nodes together, in the redis of the result cache."},
    {"auth_fail_limit", &Config::auth_fail_limit, "20",
     "Failed authentications of an address in a minute before it gets status 429; 0: any number."},
    {"secrets_visible_roles", &Config::secrets_visible_roles, "",
     "Roles that may read the paths of data sources and catalogs with their passwords, comma-separated."},
    {"core_db_encryption_key",
     &Config::core_db_encryption_key,
     "",
     "32 bytes in base64 that encrypt secrets in the core database; empty: the file eider.key beside it.",
     {},
     true},
    {"core_db_encryption_keys_old",
     &Config::core_db_encryption_keys_old,
     "",
     "Former keys, comma-separated, with which secrets can still be read.",
     {},
     true},
};

constexpr Option kAudit[] = {
    {"audit_sink", &Config::audit_sink, "stdout",
     "Where changes and refusals are written down, comma-separated: stdout, file:PATH, core (the table "
     "core.audit_log)."},
    {"audit_retention", &Config::audit_retention, "30d", "Records of core are deleted when they are older; 0: never."},
    {"audit_reads", &Config::audit_reads, "false", "Write queries down, too."},
    {"audit_variables", &Config::audit_variables, "false",
     "Write variables down without what looks like a secret; else only a hash of them."},
    {"audit_chain", &Config::audit_chain, "false",
     "Every line of a file has the SHA-256 of the line before it; eider audit verify checks them."},
    {"audit_file_size", &Config::audit_file_size, "100MB", "A larger file is renamed, and a new one begins."},
};

constexpr Option kQueries[] = {
    {"query_timeout", &Config::query_timeout, "5m",
     "A request ends after so long; the header X-Eider-Timeout may shorten it. 0: no limit."},
    {"http_source_timeout", &Config::http_source_timeout, "30s",
     "One call of an HTTP source fails after so long, with all its tries; a source may say otherwise. 0: 30s."},
    {"query_default_limit", &Config::query_default_limit, "2000",
     "Rows of a root list when the query gives no limit; 0: all of them."},
    {"warmup_file", &Config::warmup_file, "",
     "GraphQL documents, kept apart by lines of ---, that are planned for every role before the node is ready."},
    {"query_history", &Config::query_history, "",
     "core: one row for each request, without its text, in core.queries.history, for seven days; empty: none."},
    {"query_max_depth", &Config::query_max_depth, "20", "Deeper selections are refused; 0: no limit."},
    {"max_depth", &Config::max_depth, "7", "How deep generated types and introspection repeat themselves."},
    {"error_extensions", &Config::error_extensions, "false",
     "Tell the code and the request's id in every error; the header X-Eider-Errors: full asks for it in one request."},
    {"allow_parallel", &Config::allow_parallel, "true", "Run the root fields of one query in parallel."},
    {"max_parallel_queries", &Config::max_parallel_queries, "0",
     "Root fields of one query that run at once; 0: the number of cores."},
};

constexpr Option kAdmission[] = {
    {"max_concurrent_requests", &Config::max_concurrent_requests, "0",
     "Requests that run at once, the others wait; 0: four for each core."},
    {"admin_reserved_slots", &Config::admin_reserved_slots, "2",
     "Of these, places that only administrators take, so that they can end what fills the others; 0: none."},
    {"interactive_slots", &Config::interactive_slots, "0",
     "Of these, places that long scans never take; 0: a quarter of them."},
    {"max_concurrent_per_source", &Config::max_concurrent_per_source, "0",
     "Of these, places that requests of one data source take once others are asked, too; 0: three quarters of those "
     "that are not for administrators."},
    {"max_queued_requests", &Config::max_queued_requests, "1000",
     "Requests that may wait; more are refused with status 503."},
    {"queue_timeout", &Config::queue_timeout, "10s", "A request that waited so long is refused; 0: it waits on."},
    {"query_memory_pool", &Config::query_memory_pool, "0",
     "Memory that running requests are granted together; the others wait. 0: 70 % of DB_MAX_MEMORY."},
    {"query_memory_min", &Config::query_memory_min, "32MB",
     "What of it each request is granted; 0: requests run whatever the memory."},
};

constexpr Option kCache[] = {
    {"cache_ttl", &Config::cache_ttl, "60s",
     "How long a result is kept when @cache gives no ttl; 0: until it is invalidated."},
    {"cache_identity", &Config::cache_identity, "full",
     "Who shares results: full, nobody with another user; projection, users whom a query cannot tell apart."},
    {"cache_l1_enabled", &Config::cache_l1_enabled, "false", "Keep results in the node's memory."},
    {"cache_l1_max_size", &Config::cache_l1_max_size, "64", "Memory for them; a bare number counts megabytes."},
    {"cache_l1_max_item_size", &Config::cache_l1_max_item_size, "0",
     "A larger result is not kept; a bare number up to 1024 counts megabytes. 0: an eighth of the size."},
    {"cache_l1_shards", &Config::cache_l1_shards, "64", "Parts with a lock each, 1 to 256."},
    {"cache_l1_clean_time", &Config::cache_l1_clean_time, "10s", "How often expired results are removed."},
    {"cache_l1_eviction_time", &Config::cache_l1_eviction_time, "0",
     "No result stays in memory for longer, whatever its ttl; 0: no such bound."},
    {"cache_l2_enabled", &Config::cache_l2_enabled, "false", "Share results through redis or memcached."},
    {"cache_l2_backend", &Config::cache_l2_backend, "redis", "What serves at the addresses."},
    {"cache_l2_addresses", &Config::cache_l2_addresses, "",
     "HOST:PORT, comma-separated; several of redis: a cluster, or sentinels when a master is named."},
    {"cache_l2_database", &Config::cache_l2_database, "0", "The number of redis's database."},
    {"cache_l2_username", &Config::cache_l2_username, "", "The user at redis."},
    {"cache_l2_password", &Config::cache_l2_password, "", "The password at redis.", {}, true},
    {"cache_l2_tls", &Config::cache_l2_tls, "false", "Speak TLS with it."},
    {"cache_l2_timeout", &Config::cache_l2_timeout, "100ms", "A query waits no longer for it."},
    {"cache_l2_pool_size", &Config::cache_l2_pool_size, "32", "Connections at most."},
    {"cache_l2_max_item_size", &Config::cache_l2_max_item_size, "0",
     "A larger result is not shared; a bare number up to 1024 counts megabytes. 0: 8 MB, 1 MB for memcached."},
    {"cache_l2_sentinel_master", &Config::cache_l2_sentinel_master, "",
     "The master's name, when the addresses are those of sentinels."},
};

constexpr Option kEngine[] = {
    {"db_home_directory", &Config::db_home_directory, "",
     "Folder of the engine's own files; empty: the engine's choice."},
    {"db_max_memory", &Config::db_max_memory, "0",
     "Memory of the engine, beyond which it spills to disk; 0: 80 % of the machine's."},
    {"db_worker_threads", &Config::db_worker_threads, "0", "Threads of the engine; 0: the number of cores."},
    {"db_temp_directory", &Config::db_temp_directory, "", "Folder to spill to; empty: the engine's choice."},
    {"db_max_temp_directory_size", &Config::db_max_temp_directory_size, "0",
     "Disk space for spilling; 0: 90 % of what is free."},
    {"db_timezone", &Config::db_timezone, "UTC",
     "Time zone of requests that name none in the header X-Hugr-Timezone or Time-Zone, as Europe/Berlin."},
    {"extension_directory", &Config::extension_directory, "",
     "Folder with the engine's extensions; empty: the engine's choice. Nothing is downloaded."},
};

constexpr Option kCoreDatabase[] = {
    {"core_db_path", &Config::core_db_path, "",
     "The node's own database, which keeps sources that were added at run time: a file, or postgres://… or libpq's "
     "key=value text of one that several nodes share, or s3://… of a file that is only read; empty: in memory, lost at "
     "the end."},
    {"core_db_readonly", &Config::core_db_readonly, "false", "Never write into its file."},
    {"core_db_s3_endpoint", &Config::core_db_s3_endpoint, "",
     "Host and port of the object storage with its file; empty: the provider's."},
    {"core_db_s3_region", &Config::core_db_s3_region, "", "The region of that storage."},
    {"core_db_s3_key", &Config::core_db_s3_key, "", "The id of the key that reads it; empty: it is read without."},
    {"core_db_s3_secret", &Config::core_db_s3_secret, "", "That key.", {}, true},
    {"core_db_s3_use_ssl", &Config::core_db_s3_use_ssl, "true", "Whether that storage is reached by HTTPS."},
    {"core_snapshot_dir", &Config::core_snapshot_dir, "",
     "Folder for an encrypted copy of what is known of a core database in PostgreSQL, from which the node starts while "
     "that is away; empty: none."},
    {"core_snapshot_max_age", &Config::core_snapshot_max_age, "24h", "An older copy is not started from."},
    {"core_db_schema", &Config::core_db_schema, "eider", "The schema of its tables in PostgreSQL."},
    {"core_db_pool_size", &Config::core_db_pool_size, "8",
     "Connections to PostgreSQL at most, beside one that listens."},
    {"automigrate", &Config::automigrate, "false",
     "Bring its tables in PostgreSQL up to date at start; contract: also remove what older nodes needed."},
    {"permission_poll_interval", &Config::permission_poll_interval, "10s",
     "How often it is asked for changes that were not announced."},
    {"permission_stale_limit", &Config::permission_stale_limit, "10m",
     "When it was not reached for so long, requests get status 503, except with the secret key."},
};

constexpr Option kCluster[] = {
    {"cluster_enabled", &Config::cluster_enabled, "false", "Whether the node belongs to a cluster."},
    {"cluster_role", &Config::cluster_role, "", "management, which may lead, or worker."},
    {"cluster_node_url", &Config::cluster_node_url, "",
     "Where the other nodes reach this one, with or without /ipc; auto: this machine's address on the way to the core "
     "database."},
    {"cluster_secret",
     &Config::cluster_secret,
     "",
     "What all nodes of the cluster know and nobody else; 16 characters at least.",
     {},
     true},
    {"cluster_secret_previous",
     &Config::cluster_secret_previous,
     "",
     "The former secret, taken while nodes change it.",
     {},
     true},
    {"cluster_heartbeat", &Config::cluster_heartbeat, "30s", "How often the node tells that it lives."},
    {"cluster_ghost_ttl", &Config::cluster_ghost_ttl, "2m",
     "A node that was silent for so long is forgotten; at least three heartbeats."},
    {"cluster_poll_interval", &Config::cluster_poll_interval, "30s",
     "How often the core database is asked for changes that were not announced."},
    {"cluster_lease_ttl", &Config::cluster_lease_ttl, "15s",
     "How long a leader stays one without telling; renewed every third of it."},
    {"cluster_auto_promote", &Config::cluster_auto_promote, "false",
     "Whether this worker leads when no management node lives."},
    {"cluster_promote_delay", &Config::cluster_promote_delay, "10s", "How much longer it waits before it does."},
    {"cluster_timeout", &Config::cluster_timeout, "5s", "One call of another node, until it is acknowledged.",
     "TIMEOUT"},
    {"cluster_apply_timeout", &Config::cluster_apply_timeout, "60s", "How long a change waits for all nodes."},
    {"cluster_check_interval", &Config::cluster_check_interval, "10s", "How often the leader looks at every node.",
     "CHECK"},
    {"cluster_management_url", &Config::cluster_management_url, "",
     "Where the leader was, for while the core database is down."},
    {"cluster_accept_plain_secret", &Config::cluster_accept_plain_secret, "true",
     "Take the secret itself in x-hugr-secret from older nodes."},
    {"cluster_tls_ca", &Config::cluster_tls_ca, "",
     "A file in PEM with certificates of who signs those of nodes, for TLS between nodes."},
    {"cluster_tls_cert", &Config::cluster_tls_cert, "",
     "One with this node's, which names it, and those between the two."},
    {"cluster_tls_key", &Config::cluster_tls_key, "", "One with its key; all three or none."},
    {"cluster_route_header", &Config::cluster_route_header, "false",
     "Send requests with the header X-Eider-Target-Node on to that node; else they are answered with 421."},
    {"cluster_serve_queries", &Config::cluster_serve_queries, "true",
     "false: a management node that answers the core module alone."},
    {"cluster_strict_start", &Config::cluster_strict_start, "false", "A source that fails at start ends the node."},
    {"source_retry_min", &Config::source_retry_min, "2s", "The first pause before a failed source is tried again."},
    {"source_retry_max", &Config::source_retry_max, "60s", "The longest one."},
    {"breaker_failures", &Config::breaker_failures, "5",
     "After so many failures in a row a source is not tried again for a while: its circuit is open."},
    {"breaker_reset", &Config::breaker_reset, "10s",
     "How long, the first time; twice as long each time it is still away, up to 2m."},
    {"breaker_shared", &Config::breaker_shared, "false",
     "Count the failures of all nodes together, in the redis of the result cache or in the core database."},
};

constexpr Option kLogs[] = {
    {"log_level", &Config::log_level, "info", "The least important lines that are written."},
    {"log_format", &Config::log_format, "json", "One JSON object a line, or text for people."},
    {"slow_query", &Config::slow_query, "1s", "Requests that took longer are logged with their phases; 0: none."},
};

constexpr Option kTraces[] = {
    {"otel_exporter_otlp_endpoint", &Config::otel_exporter_otlp_endpoint, "",
     "Where spans are sent by OTLP over HTTP, such as http://127.0.0.1:4318; empty: traces are only handed on."},
    {"otel_exporter_otlp_headers",
     &Config::otel_exporter_otlp_headers,
     "",
     "Headers that are sent along, as name=value, comma-separated, values percent-encoded.",
     {},
     true},
    {"otel_exporter_otlp_protocol", &Config::otel_exporter_otlp_protocol, "http/protobuf",
     "http/protobuf or http/json; grpc is not supported."},
    {"otel_exporter_otlp_timeout", &Config::otel_exporter_otlp_timeout, "10000",
     "Milliseconds that sending may take; spans that nobody takes are dropped."},
    {"otel_service_name", &Config::otel_service_name, "eider", "What the spans call this service."},
    {"otel_traces_sampler", &Config::otel_traces_sampler, "parentbased_always_on",
     "Which traces are recorded: always_on, always_off, traceidratio, or parentbased_ before one of these, by which "
     "traces that came in are recorded when their beginner says so."},
    {"otel_traces_sampler_arg", &Config::otel_traces_sampler_arg, "",
     "The part of the traces that traceidratio records, 0 to 1; empty: 1."},
};

constexpr Option kStopping[] = {
    {"drain_delay", &Config::drain_delay, "5s",
     "How long a stopping node reports that it is not ready before it refuses requests, so that balancers notice."},
    {"drain_timeout", &Config::drain_timeout, "30s", "How long running requests may go on after that."},
};

constexpr OptionGroup kGroups[] = {
    {"Listeners", kListeners},
    {"Subscriptions", kSubscriptions},
    {"Access", kAccess},
    {"Audit log", kAudit},
    {"Queries", kQueries},
    {"Admission", kAdmission},
    {"Result cache", kCache},
    {"Engine", kEngine},
    {"Core database", kCoreDatabase},
    {"Cluster", kCluster},
    {"Logs", kLogs},
    {"Traces", kTraces},
    {"Stopping", kStopping},
};

}  // namespace

std::span<const OptionGroup> OptionGroups() { return kGroups; }

const Option* FindOption(std::string_view key) {
  for (const OptionGroup& group : kGroups) {
    const auto found = std::ranges::find(group.options, key, &Option::key);
    if (found != group.options.end()) return &*found;
  }
  return nullptr;
}

}  // namespace eider::config
