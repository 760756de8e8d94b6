#pragma once

#include <thread>

#include "base/mutex.h"
#include "sources/source_registry.h"

namespace eider::server {

// Looks whether sources are back whose breakers would wait long before they let a call through, so that these are used
// within ten seconds. Owned by the data node; the registry outlives it.
class BreakerMonitor {
 public:
  explicit BreakerMonitor(sources::SourceRegistry& sources);
  // Waits for a look that is under way.
  ~BreakerMonitor();
  BreakerMonitor(const BreakerMonitor&) = delete;
  BreakerMonitor& operator=(const BreakerMonitor&) = delete;

 private:
  void Run();
  void Look();

  sources::SourceRegistry& sources_;
  Mutex mutex_;
  CondVar wake_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace eider::server
