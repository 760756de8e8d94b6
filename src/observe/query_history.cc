#include "observe/query_history.h"

namespace eider::observe {
namespace {

Counter& CounterOf(Metrics& metrics, const char* outcome) {
  return metrics.GetCounter(
      "eider_query_history_total",
      "Requests for core.queries.history: written, dropped for want of room, failed to be written.",
      {{"outcome", outcome}});
}

}  // namespace

QueryHistory::QueryHistory(SendQueueOptions options, SendQueue<QueryRecord>::Send send, Metrics& metrics)
    : queue_(std::move(options), std::move(send),
             {CounterOf(metrics, "written"), CounterOf(metrics, "dropped"), CounterOf(metrics, "failed")}) {}

}  // namespace eider::observe
