#include "async/stop_signals.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace eider::async {
namespace {

// Runs `body` in a child process and returns how it ended.
template <class Body>
int StatusOf(Body body) {
  const pid_t child = fork();
  if (child == 0) {
    body();
    _exit(7);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

TEST(StopSignals, WaitReturnsTheFirstSignal) {
  const int status = StatusOf([] {
    StopSignals signals;
    kill(getpid(), SIGTERM);
    _exit(signals.Wait() == SIGTERM ? 0 : 1);
  });
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(StopSignals, SecondSignalEndsTheProcess) {
  const int status = StatusOf([] {
    StopSignals signals;
    kill(getpid(), SIGINT);
    signals.Wait();
    kill(getpid(), SIGTERM);
  });
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGTERM);
}

}  // namespace
}  // namespace eider::async
