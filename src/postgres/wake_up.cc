#include "postgres/wake_up.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

namespace eider::postgres {
namespace {

constexpr std::chrono::milliseconds kLongest = std::chrono::minutes(10);

int TimeoutOf(const Deadline& deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.Remaining());
  return static_cast<int>(std::min(left, kLongest).count());
}

}  // namespace

WakeUp::WakeUp() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

WakeUp::~WakeUp() {
  if (event_ >= 0) ::close(event_);
}

void WakeUp::Begin() {
  if (!stopped_.exchange(false)) return;
  eventfd_t ignored = 0;
  (void)::eventfd_read(event_, &ignored);
}

void WakeUp::Stop() noexcept {
  stopped_ = true;
  (void)::eventfd_write(event_, 1);
}

Status WakeUp::Wait(int socket, short events, const engine::Limits& limits) {
  while (true) {
    if (stopped_ || limits.stop.stop_requested()) return Error(ErrorCode::kCancelled, "query cancelled");
    pollfd watched[] = {{socket, events, 0}, {event_, POLLIN, 0}};
    const int ready = ::poll(watched, 2, TimeoutOf(limits.deadline));
    if (ready < 0 && errno != EINTR) return Error(ErrorCode::kInternal, "a connection cannot be waited for");
    if (ready > 0 && watched[0].revents != 0 && !stopped_) return {};
    if (ready == 0 && limits.deadline.Passed()) return Error(ErrorCode::kTimeout, "query timeout");
  }
}

}  // namespace eider::postgres
