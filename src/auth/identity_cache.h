#pragma once

#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <unordered_map>

#include "auth/identity.h"
#include "base/digest.h"
#include "base/mutex.h"

namespace eider::auth {

// Identities of tokens that were verified, by the token's SHA-256, each until it expires. Bounded; the oldest go first.
// Thread-safe; a look-up takes one of several locks for some nanoseconds.
class IdentityCache {
 public:
  using Clock = std::chrono::system_clock;
  struct Entry {
    std::shared_ptr<const Identity> identity;
    Clock::time_point expires;
  };

  explicit IdentityCache(std::size_t capacity) : per_shard_(capacity / kShards + 1) {}

  // The identity, when there is one that has not expired at `now`.
  std::shared_ptr<const Identity> Find(const Digest& token, Clock::time_point now) {
    Shard& shard = shards_[token[31] % kShards];
    MutexLock lock(shard.mutex);
    const auto found = shard.entries.find(token);
    return found == shard.entries.end() || found->second.expires <= now ? nullptr : found->second.identity;
  }

  void Put(const Digest& token, Entry entry) {
    Shard& shard = shards_[token[31] % kShards];
    MutexLock lock(shard.mutex);
    if (!shard.entries.insert_or_assign(token, std::move(entry)).second) return;
    shard.order.push_back(token);
    if (shard.order.size() <= per_shard_) return;
    shard.entries.erase(shard.order.front());
    shard.order.pop_front();
  }

 private:
  static constexpr std::size_t kShards = 16;
  struct Shard {
    Mutex mutex;
    std::unordered_map<Digest, Entry, DigestHash> entries GUARDED_BY(mutex);
    std::deque<Digest> order GUARDED_BY(mutex);
  };

  const std::size_t per_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace eider::auth
