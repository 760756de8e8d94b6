#pragma once

#include <csignal>

namespace eider::async {

// Catches SIGTERM and SIGINT, so that a thread can wait for them. Made by main() before any other thread starts, as
// threads inherit what is blocked. Also makes writes to closed pipes fail instead of ending the process.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Blocks until the first signal and returns its number. From then on another one ends the process at once.
  int Wait();

 private:
  sigset_t signals_{};
};

}  // namespace eider::async
