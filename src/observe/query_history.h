#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "observe/metrics.h"
#include "observe/send_queue.h"

namespace eider::observe {

// A request that has come to its end. Holds nothing of its text but a hash.
struct QueryRecord {
  std::chrono::system_clock::time_point ended = std::chrono::system_clock::now();
  std::string request_id;
  std::string protocol;
  std::string kind;  // "query" or "mutation".
  std::string user_id;
  std::string user_name;
  std::string role;
  std::string auth_provider;
  std::string hash;  // Of its text without literals, in hexadecimal; empty = it was not read.
  std::chrono::nanoseconds total{0};
  std::chrono::nanoseconds parse{0};
  std::chrono::nanoseconds plan{0};
  std::chrono::nanoseconds queued{0};
  std::chrono::nanoseconds execute{0};
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  std::string code;  // Of what it failed with; empty = it did not.
};

// Takes the requests of a node and hands them on in batches, as SendQueue does; counts what becomes of them in
// eider_query_history_total. Owned by the composition root and outlives the front ends. Thread-safe.
class QueryHistory {
 public:
  QueryHistory(SendQueueOptions options, SendQueue<QueryRecord>::Send send, Metrics& metrics);

  void Write(QueryRecord record) { queue_.Put(std::move(record)); }

 private:
  SendQueue<QueryRecord> queue_;
};

}  // namespace eider::observe
