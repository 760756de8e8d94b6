#include "async/stop_signals.h"

#include <pthread.h>

namespace eider::async {

StopSignals::StopSignals() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

StopSignals::~StopSignals() { pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr); }

int StopSignals::Wait(const std::function<void()>& on_hang_up) {
  int signal = 0;
  while (sigwait(&signals_, &signal) != 0 || (signal == SIGHUP && on_hang_up)) {
    if (signal == SIGHUP && on_hang_up) on_hang_up();
    signal = 0;
  }
  // Unblocked in this thread, the default action of the next signal ends the process.
  pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
  return signal;
}

}  // namespace eider::async
