#include "engine/session_pool.h"

#include <utility>

namespace eider::engine {

SessionPool::SessionPool(Database& database, Options options) : database_(database), options_(options) {}

SessionPool::~SessionPool() { Clear(); }

SessionPool::Lease::Lease(SessionPool& pool, std::unique_ptr<Session> session)
    : pool_(&pool),
      session_(std::move(session)) {}

SessionPool::Lease::~Lease() {
  if (session_ != nullptr) pool_->Return(std::move(session_));
}

SessionPool::Lease::Lease(Lease&& other) noexcept : pool_(other.pool_), session_(std::move(other.session_)) {}

Result<SessionPool::Lease> SessionPool::Acquire() {
  {
    MutexLock lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Session> session = std::move(idle_.back());
      idle_.pop_back();
      return Lease(*this, std::move(session));
    }
  }
  EIDER_ASSIGN_OR_RETURN(auto session, Session::Open(database_, options_.session));
  return Lease(*this, std::move(session));
}

void SessionPool::Clear() {
  std::vector<std::unique_ptr<Session>> closing;
  MutexLock lock(mutex_);
  closing.swap(idle_);
}

void SessionPool::Return(std::unique_ptr<Session> session) {
  MutexLock lock(mutex_);
  if (idle_.size() < options_.max_idle) idle_.push_back(std::move(session));
}

}  // namespace eider::engine
