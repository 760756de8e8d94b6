#include "server/breaker_monitor.h"

#include <chrono>
#include <vector>

namespace eider::server {
namespace {

constexpr std::chrono::seconds kPeriod{2};

}  // namespace

BreakerMonitor::BreakerMonitor(sources::SourceRegistry& sources) : sources_(sources), thread_([this] { Run(); }) {}

BreakerMonitor::~BreakerMonitor() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void BreakerMonitor::Run() {
  while (true) {
    {
      MutexLock lock(mutex_);
      if (wake_.wait_for(mutex_, kPeriod, [this]() REQUIRES_LOCK(mutex_) { return stopping_; })) return;
    }
    Look();
  }
}

// All at once: a server that swallows packets takes its time.
void BreakerMonitor::Look() {
  std::vector<std::thread> looks;
  for (const auto& [name, native] : sources_.WithBreakers()) {
    if (!native->is_back || !native->breaker->IsWorthALook()) continue;
    looks.emplace_back([source = native] {
      if (source->is_back()) source->breaker->TryNow();
    });
  }
  for (std::thread& look : looks) look.join();
}

}  // namespace eider::server
