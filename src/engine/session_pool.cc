#include "engine/session_pool.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace eider::engine {

// What the pool shares with its leases.
struct SessionPool::State {
  State(SessionFactory factory, Options settings) : open(std::move(factory)), options(settings) {}

  const SessionFactory open;
  const Options options;
  Mutex mutex;
  CondVar returned;
  std::vector<std::unique_ptr<Session>> idle GUARDED_BY(mutex);
  std::size_t opened GUARDED_BY(mutex) = 0;
  bool closed GUARDED_BY(mutex) = false;
  std::uint64_t generation GUARDED_BY(mutex) = 0;  // How often all sessions were to be closed.

  bool IsReady() const REQUIRES_LOCK(mutex) {
    return !idle.empty() || options.max_open == 0 || opened < options.max_open;
  }

  struct Taken {
    std::unique_ptr<Session> session;  // Null = a new one may be opened.
    std::uint64_t generation = 0;
  };

  Taken Take() REQUIRES_LOCK(mutex) {
    if (idle.empty()) {
      ++opened;
      return {nullptr, generation};
    }
    Taken taken{std::move(idle.back()), generation};
    idle.pop_back();
    return taken;
  }

  // Takes an idle session, or nothing when a new one may be opened.
  Result<Taken> TakeIdle(const Limits& limits) {
    MutexLock lock(mutex);
    if (IsReady()) return Take();
    const auto until = std::min(limits.deadline.at(), Deadline::Clock::now() + options.wait);
    if (returned.wait_until(mutex, limits.stop, until, [this]() REQUIRES_LOCK(mutex) { return IsReady(); })) {
      return Take();
    }
    if (limits.stop.stop_requested()) return Error(ErrorCode::kCancelled, "query cancelled");
    if (limits.deadline.Passed()) return Error(ErrorCode::kTimeout, "query timeout");
    return Error(ErrorCode::kOverloaded,
                 "all " + std::to_string(options.max_open) + " sessions of the data source are busy; try again later");
  }

  void Forget() {
    {
      MutexLock lock(mutex);
      --opened;
    }
    returned.notify_one();
  }

  void Return(std::unique_ptr<Session> session, std::uint64_t of_generation) {
    {
      MutexLock lock(mutex);
      if (!closed && of_generation == generation && session->reusable() && idle.size() < options.max_idle) {
        idle.push_back(std::move(session));
      } else {
        --opened;
      }
    }
    returned.notify_one();
  }

  std::vector<std::unique_ptr<Session>> TakeAll(bool for_good) {
    MutexLock lock(mutex);
    closed = closed || for_good;
    ++generation;
    opened -= idle.size();
    return std::exchange(idle, {});
  }
};

SessionPool::SessionPool(SessionFactory open, Options options)
    : state_(std::make_shared<State>(std::move(open), options)) {}

SessionPool::~SessionPool() { (void)state_->TakeAll(true); }

SessionPool::Lease::Lease(std::shared_ptr<State> state, std::unique_ptr<Session> session, std::uint64_t generation)
    : state_(std::move(state)),
      session_(std::move(session)),
      generation_(generation) {}

SessionPool::Lease::~Lease() {
  if (session_ != nullptr) state_->Return(std::move(session_), generation_);
}

SessionPool::Lease::Lease(Lease&& other) noexcept
    : state_(std::move(other.state_)),
      session_(std::move(other.session_)),
      generation_(other.generation_) {}

void SessionPool::Lease::Discard() {
  if (session_ == nullptr) return;
  session_.reset();
  state_->Forget();
}

Result<SessionPool::Lease> SessionPool::Acquire(const Limits& limits) {
  EIDER_ASSIGN_OR_RETURN(State::Taken taken, state_->TakeIdle(limits));
  if (taken.session == nullptr) {
    auto opened = state_->open(limits);
    if (!opened) {
      state_->Forget();
      return std::move(opened).error();
    }
    taken.session = std::move(*opened);
  }
  return Lease(state_, std::move(taken.session), taken.generation);
}

void SessionPool::Clear() {
  (void)state_->TakeAll(false);
  state_->returned.notify_all();
}

std::size_t SessionPool::open_sessions() const {
  MutexLock lock(state_->mutex);
  return state_->opened;
}

}  // namespace eider::engine
