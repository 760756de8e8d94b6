#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "base/result.h"
#include "engine/session.h"

namespace eider::engine {

// Keeps idle sessions of one database with their prepared statements warm; most recently used first. A lease may
// outlive its pool: its session is closed then. All methods may be called from any thread.
class SessionPool {
 public:
  struct Options {
    std::size_t max_idle = 16;
    std::size_t max_open = 0;              // Leases and idle sessions together; 0 = bounded by admission alone.
    std::chrono::milliseconds wait{5000};  // For a session to come back when `max_open` are on loan.
  };
  SessionPool(SessionFactory open, Options options);
  ~SessionPool();
  SessionPool(const SessionPool&) = delete;
  SessionPool& operator=(const SessionPool&) = delete;

 private:
  struct State;

 public:
  // A session on loan; goes back to the pool when destroyed. A session in an unknown state is dropped instead
  // (call Discard()).
  class Lease {
   public:
    Lease(std::shared_ptr<State> state, std::unique_ptr<Session> session, std::uint64_t generation);
    ~Lease();
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&&) = delete;
    Session& operator*() const { return *session_; }
    Session* operator->() const { return session_.get(); }
    void Discard();

   private:
    std::shared_ptr<State> state_;
    std::unique_ptr<Session> session_;
    std::uint64_t generation_ = 0;
  };

  // Takes an idle session or opens a new one within `limits`. Fails with kOverloaded when all sessions stay on loan,
  // and with what opening one failed with.
  Result<Lease> Acquire(const Limits& limits = {});

  // Closes every idle session, and those on loan when they come back: after sources changed shape, or at stop. What
  // a session has prepared may hold a file that is to be free.
  void Clear();

  // Sessions that are open now, idle ones and those on loan.
  std::size_t open_sessions() const;

 private:
  const std::shared_ptr<State> state_;
};

}  // namespace eider::engine
