#pragma once

#include <csignal>
#include <functional>

namespace eider::async {

// Catches SIGTERM, SIGINT and SIGHUP, so that a thread can wait for them. Made by main() before any other thread
// starts, as threads inherit what is blocked. Also makes writes to closed pipes fail instead of ending the process.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Blocks until the first signal to stop and returns its number. From then on another one ends the process at once.
  // SIGHUP calls `on_hang_up` and is no signal to stop, unless that is empty.
  int Wait(const std::function<void()>& on_hang_up = {});

 private:
  sigset_t signals_{};
};

}  // namespace eider::async
