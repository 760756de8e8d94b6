#include "cluster/link/nonce_cache.h"

namespace eider::cluster {

NonceCache::Outcome NonceCache::Add(std::string_view nonce, Clock::time_point now) {
  const MutexLock lock(mutex_);
  while (!oldest_first_.empty() && oldest_first_.front().forget_at <= now) {
    seen_.erase(oldest_first_.front().nonce);
    oldest_first_.pop_front();
  }
  std::string text(nonce);
  if (seen_.contains(text)) return Outcome::kSeen;
  if (seen_.size() >= capacity_) return Outcome::kFull;
  seen_.insert(text);
  oldest_first_.push_back({now + lifetime_, std::move(text)});
  return Outcome::kNew;
}

}  // namespace eider::cluster
