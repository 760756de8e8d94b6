#pragma once

#include <memory>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "engine/session.h"

namespace eider::engine {

// Keeps idle sessions with their prepared statements warm; most recently used first. Owned by the composition root,
// outlives every lease. All methods may be called from any thread. Number of leases is bounded by admission, not here.
class SessionPool {
 public:
  struct Options {
    std::size_t max_idle = 16;
    SessionOptions session;
  };
  SessionPool(Database& database, Options options);
  ~SessionPool();

  // A session on loan; goes back to the pool when destroyed. A session in an unknown state is dropped instead
  // (call Discard()).
  class Lease {
   public:
    Lease(SessionPool& pool, std::unique_ptr<Session> session);
    ~Lease();
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&&) = delete;
    Session& operator*() const { return *session_; }
    Session* operator->() const { return session_.get(); }
    void Discard() { session_.reset(); }

   private:
    SessionPool* pool_;
    std::unique_ptr<Session> session_;
  };

  // Takes an idle session or opens a new one.
  Result<Lease> Acquire();

  // Closes every idle session (after sources changed shape, or at stop).
  void Clear();

 private:
  void Return(std::unique_ptr<Session> session);

  Database& database_;
  const Options options_;
  Mutex mutex_;
  std::vector<std::unique_ptr<Session>> idle_ GUARDED_BY(mutex_);
};

}  // namespace eider::engine
