#pragma once

#include <deque>
#include <thread>

#include "base/mutex.h"
#include "postgres/pg_handles.h"

namespace eider::postgres {

// Ends connections whose statement may still run: tells the server to cancel it, then closes. A server that does not
// answer holds up nobody but the reaper's own thread, which starts when it is first needed. Thread-safe; the destructor
// waits for what was taken.
class ConnectionReaper {
 public:
  ~ConnectionReaper();

  void Take(ConnectionHandle connection);

 private:
  void Work();

  Mutex mutex_;
  CondVar wake_;
  std::deque<ConnectionHandle> waiting_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_ GUARDED_BY(mutex_);
};

}  // namespace eider::postgres
