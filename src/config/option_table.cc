#include <algorithm>

#include "config/option.h"

namespace eider::config {
namespace {

constexpr Option kListeners[] = {
    {"bind", &Config::bind, ":15000",
     "Where HTTP is served, as HOST:PORT. Without a host, and while there is no authentication, only on loopback."},
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

constexpr Option kQueries[] = {
    {"query_timeout", &Config::query_timeout, "5m",
     "A request ends after so long; the header X-Eider-Timeout may shorten it. 0: no limit."},
    {"query_default_limit", &Config::query_default_limit, "2000",
     "Rows of a root list when the query gives no limit; 0: all of them."},
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
    {"interactive_slots", &Config::interactive_slots, "0",
     "Of these, places that long scans never take; 0: a quarter of them."},
    {"max_queued_requests", &Config::max_queued_requests, "1000",
     "Requests that may wait; more are refused with status 503."},
    {"queue_timeout", &Config::queue_timeout, "10s", "A request that waited so long is refused; 0: it waits on."},
};

constexpr Option kEngine[] = {
    {"core_db_path", &Config::core_db_path, "",
     "The node's own database, which keeps sources that were added at run time; empty: in memory, lost at the end."},
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

constexpr Option kLogs[] = {
    {"log_level", &Config::log_level, "info", "The least important lines that are written."},
    {"log_format", &Config::log_format, "json", "One JSON object a line, or text for people."},
    {"slow_query", &Config::slow_query, "1s", "Requests that took longer are logged with their phases; 0: none."},
};

constexpr Option kStopping[] = {
    {"drain_delay", &Config::drain_delay, "5s",
     "How long a stopping node reports that it is not ready before it refuses requests, so that balancers notice."},
    {"drain_timeout", &Config::drain_timeout, "30s", "How long running requests may go on after that."},
};

constexpr OptionGroup kGroups[] = {
    {"Listeners", kListeners}, {"Queries", kQueries}, {"Admission", kAdmission},
    {"Engine", kEngine},       {"Logs", kLogs},       {"Stopping", kStopping},
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
