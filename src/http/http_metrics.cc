#include "http/http_metrics.h"

#include <algorithm>
#include <string>

namespace eider::http {
namespace {

// Label values; the last of each stands for all others.
constexpr std::array<std::string_view, 10> kPathNames = {"/query",        "/ipc",   "/health",  "/health/live",
                                                         "/health/ready", "/ready", "/metrics", "/admin",
                                                         "/subscribe",    "other"};
constexpr std::array<std::string_view, 5> kMethodNames = {"GET", "POST", "HEAD", "OPTIONS", "other"};
constexpr std::array<int, 20> kStatusCodes = {101, 200, 204, 302, 304, 400, 401, 403, 404, 405,
                                              406, 408, 413, 421, 431, 500, 502, 503, 504, 0};

template <class Names, class Value>
std::size_t IndexOf(const Names& names, const Value& value) {
  const auto found = std::find(names.begin(), names.end() - 1, value);
  return static_cast<std::size_t>(found - names.begin());
}

std::string StatusLabel(int status) { return status == 0 ? "other" : std::to_string(status); }

constexpr const char* kSubscriptionsHelp = "Operations that subscribers have open.";
constexpr const char* kPhaseHelp = "Time of a query by phase.";

}  // namespace

HttpMetrics::HttpMetrics(observe::Metrics& metrics)
    : metrics_(metrics),
      result_rows_(metrics.GetCounter("eider_result_rows_total", "Rows in answers.", {{"protocol", "graphql"}})),
      result_bytes_(metrics.GetCounter("eider_result_bytes_total", "Bytes of answers before compression.",
                                       {{"protocol", "graphql"}})),
      web_sockets_(metrics.GetGauge("eider_ws_connections", "Open WebSockets.", {{"protocol", "graphql"}})),
      over_ws_(metrics.GetGauge("eider_subscriptions_active", kSubscriptionsHelp, {{"protocol", "ws"}})),
      over_sse_(metrics.GetGauge("eider_subscriptions_active", kSubscriptionsHelp, {{"protocol", "sse"}})) {
  constexpr std::array<const char*, kPhases> kNames = {"parse", "plan", "queue", "execute", "write"};
  for (std::size_t i = 0; i < kPhases; ++i) {
    phases_[i] = &metrics.GetHistogram("eider_query_phase_seconds", kPhaseHelp, {{"phase", kNames[i]}});
  }
  constexpr std::array<const char*, 2> kKinds = {"query", "mutation"};
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    seconds_[i] = &metrics.GetHistogram("eider_query_seconds", "Time of a query, queueing included.",
                                        {{"protocol", "graphql"}, {"kind", kKinds[i]}});
  }
}

void HttpMetrics::Resolve(Cell& cell, std::size_t path, std::size_t method, std::size_t status) {
  const observe::Labels labels = {{"path", std::string(kPathNames[path])},
                                  {"method", std::string(kMethodNames[method])},
                                  {"status", StatusLabel(kStatusCodes[status])}};
  cell.seconds = &metrics_.GetHistogram("eider_http_request_seconds", "Time of an HTTP request.", labels);
  cell.requests = &metrics_.GetCounter("eider_http_requests_total", "HTTP requests answered.", labels);
}

void HttpMetrics::CountRequest(std::string_view path, std::string_view method, int status,
                               std::chrono::nanoseconds duration) {
  if (path.starts_with("/admin/")) path = "/admin";
  const std::size_t path_index = IndexOf(kPathNames, path);
  const std::size_t method_index = IndexOf(kMethodNames, method);
  const std::size_t status_index = IndexOf(kStatusCodes, status);
  Cell& cell = cells_[(path_index * kMethods + method_index) * kStatuses + status_index];
  if (cell.requests.load(std::memory_order_acquire) == nullptr) {
    Resolve(cell, path_index, method_index, status_index);
  }
  cell.requests.load(std::memory_order_relaxed)->Add();
  cell.seconds.load(std::memory_order_relaxed)->Observe(duration);
}

void HttpMetrics::CountQuery(const query::ExecutionStats& stats, const QueryTimes& times) {
  using std::chrono::nanoseconds;
  seconds_[stats.is_mutation ? 1 : 0]->Observe(times.total);
  phases_[kParse]->Observe(nanoseconds(stats.parse_ns));
  phases_[kPlan]->Observe(nanoseconds(stats.plan_ns));
  phases_[kQueue]->Observe(times.queued);
  phases_[kExecute]->Observe(nanoseconds(stats.execute_ns));
  result_rows_.Add(static_cast<std::uint64_t>(std::max<std::int64_t>(stats.rows, 0)));
  if (stats.has_errors) {
    const std::string code(stats.error_code.empty() ? "OTHER" : stats.error_code);
    metrics_.GetCounter("eider_query_errors_total", "Queries that ended with an error.", {{"code", code}}).Add();
  }
}

void HttpMetrics::CountQueryError(ErrorCode code) {
  metrics_
      .GetCounter("eider_query_errors_total", "Queries that ended with an error.",
                  {{"code", std::string(ErrorCodeName(code))}})
      .Add();
}

void HttpMetrics::CountSource(std::string_view source, std::chrono::nanoseconds duration) {
  sources_
      .Get(source,
           [&]() -> observe::Histogram& {
             return metrics_.GetHistogram("eider_source_query_seconds",
                                          "Time of executing queries that read a data source.",
                                          {{"source", std::string(source)}});
           })
      .Observe(duration);
}

void HttpMetrics::CountSourceError(std::string_view source) {
  metrics_
      .GetCounter("eider_source_errors_total", "Queries of one data source that failed because it was not available.",
                  {{"source", std::string(source)}})
      .Add();
}

void HttpMetrics::CountAuth(std::string_view provider, std::string_view outcome) {
  std::string text(provider);
  text.append("\n").append(outcome);
  auth_
      .Get(text,
           [&]() -> observe::Counter& {
             return metrics_.GetCounter("eider_auth_total", "Requests by the provider that knew their credentials.",
                                        {{"provider", std::string(provider)}, {"outcome", std::string(outcome)}});
           })
      .Add();
}

void HttpMetrics::CountRefused(std::string_view reason) {
  metrics_
      .GetCounter("eider_admission_rejected_total", "Requests refused before they ran.",
                  {{"reason", std::string(reason)}})
      .Add();
}

}  // namespace eider::http
