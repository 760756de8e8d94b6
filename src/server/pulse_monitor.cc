#include "server/pulse_monitor.h"

#include <chrono>

namespace eider::server {
namespace {

constexpr std::chrono::milliseconds kLong{700};
constexpr std::chrono::milliseconds kPeriod{250};

}  // namespace

PulseMonitor::PulseMonitor(const auth::LiveQueries& live, sources::SourceRegistry& sources, int slots)
    : live_(live),
      sources_(sources),
      slots_(slots),
      thread_([this] { Work(); }) {}

PulseMonitor::~PulseMonitor() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void PulseMonitor::Work() {
  while (true) {
    {
      MutexLock lock(mutex_);
      if (wake_.wait_for(mutex_, kPeriod, [this]() REQUIRES_LOCK(mutex_) { return stopping_; })) return;
    }
    for (const auto& [source, queries] : live_.SourcesOfOlder(kLong)) sources_.AskPulse(source, queries * 2 >= slots_);
  }
}

}  // namespace eider::server
