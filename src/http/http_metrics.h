#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "observe/metrics.h"
#include "query/service.h"

namespace eider::http {

// What a query's run took, beside what the service tells.
struct QueryTimes {
  std::chrono::nanoseconds total{0};
  std::chrono::nanoseconds queued{0};
};

// The metrics of the HTTP front end, resolved once. Thread-safe.
class HttpMetrics {
 public:
  explicit HttpMetrics(observe::Metrics& metrics);

  // Counts an answered request. `path` is a request's path; unknown ones are counted as "other".
  void CountRequest(std::string_view path, std::string_view method, int status, std::chrono::nanoseconds duration);

  // Counts a query that came to its end, by what its execution tells.
  void CountQuery(const query::ExecutionStats& stats, const QueryTimes& times);

  // Counts a query that failed outside the service.
  void CountQueryError(ErrorCode code);

  // Counts a query that read `source`.
  void CountSource(std::string_view source, std::chrono::nanoseconds duration);
  void CountSourceError(std::string_view source);

  // Counts a request by who knew its credentials. REQUIRES: `outcome` is "accept", "reject", "forbid" or "limit".
  void CountAuth(std::string_view provider, std::string_view outcome);

  // Counts operations that subscribers have open. REQUIRES: `protocol` is "ws" or "sse".
  void CountSubscription(std::string_view protocol, int change) {
    (protocol == "ws" ? over_ws_ : over_sse_).Add(change);
  }

  // Counts open WebSockets.
  void CountWebSocket(int change) { web_sockets_.Add(change); }
  std::int64_t web_sockets() const { return web_sockets_.value(); }

  void CountRefused(std::string_view reason);
  void CountResultBytes(std::uint64_t bytes) { result_bytes_.Add(bytes); }
  void ObserveWrite(std::chrono::nanoseconds duration) { phases_[kWrite]->Observe(duration); }

 private:
  // Metrics of one family by the text that tells them apart, resolved when it first happens. Thread-safe.
  template <class Metric>
  class ByText {
   public:
    Metric& Get(std::string_view text, const std::function<Metric&()>& resolve) {
      {
        const std::shared_lock lock(mutex_);
        if (const auto found = metrics_.find(text); found != metrics_.end()) return *found->second;
      }
      const std::unique_lock lock(mutex_);
      return *metrics_.try_emplace(std::string(text), &resolve()).first->second;
    }

   private:
    std::shared_mutex mutex_;
    std::map<std::string, Metric*, std::less<>> metrics_;
  };

  enum Phase { kParse, kPlan, kQueue, kExecute, kWrite, kPhases };
  static constexpr std::size_t kPaths = 10;
  static constexpr std::size_t kMethods = 5;
  static constexpr std::size_t kStatuses = 20;

  // Resolved when its combination of labels first happens.
  struct Cell {
    std::atomic<observe::Counter*> requests = nullptr;
    std::atomic<observe::Histogram*> seconds = nullptr;
  };

  void Resolve(Cell& cell, std::size_t path, std::size_t method, std::size_t status);

  observe::Metrics& metrics_;
  std::array<Cell, kPaths * kMethods * kStatuses> cells_;
  std::array<observe::Histogram*, kPhases> phases_{};
  std::array<observe::Histogram*, 2> seconds_{};  // By kind: query, mutation.
  ByText<observe::Histogram> sources_;
  ByText<observe::Counter> auth_;
  observe::Counter& result_rows_;
  observe::Counter& result_bytes_;
  observe::Gauge& web_sockets_;
  observe::Gauge& over_ws_;
  observe::Gauge& over_sse_;
};

}  // namespace eider::http
