#pragma once

#include <thread>

#include "auth/live_queries.h"
#include "base/mutex.h"
#include "sources/source_registry.h"

namespace eider::server {

// Has the servers of sources asked whether they still answer, while queries of them take long; with urgency when such
// queries of one source hold half of all `slots`. Owned by the data node; both references outlive it.
class PulseMonitor {
 public:
  PulseMonitor(const auth::LiveQueries& live, sources::SourceRegistry& sources, int slots);
  ~PulseMonitor();
  PulseMonitor(const PulseMonitor&) = delete;
  PulseMonitor& operator=(const PulseMonitor&) = delete;

 private:
  void Work();

  const auth::LiveQueries& live_;
  sources::SourceRegistry& sources_;
  const int slots_;
  Mutex mutex_;
  CondVar wake_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace eider::server
