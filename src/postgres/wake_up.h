#pragma once

#include <atomic>

#include "base/result.h"
#include "engine/session.h"

namespace eider::postgres {

// Waits for a socket within limits, and lets other threads end the wait. Owned by one session; not thread-safe, except
// Stop().
class WakeUp {
 public:
  WakeUp();
  ~WakeUp();
  WakeUp(const WakeUp&) = delete;
  WakeUp& operator=(const WakeUp&) = delete;

  // Forgets earlier calls of Stop().
  void Begin();

  // Makes the present wait and all later ones fail with kCancelled, until Begin(). Never blocks; any thread.
  void Stop() noexcept;

  // Waits until `socket` is ready for one of `events` (of poll). Fails with kTimeout or kCancelled.
  Status Wait(int socket, short events, const engine::Limits& limits);

 private:
  int event_ = -1;
  std::atomic<bool> stopped_ = false;
};

}  // namespace eider::postgres
