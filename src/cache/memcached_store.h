#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "cache/memcached_channel.h"
#include "cache/result_store.h"
#include "cache/wire_pool.h"

namespace eider::cache {

// Results in memcached, spread over its servers by key. Versions of tags are counters of one of the servers, as is the
// number of all bumps, from which nodes learn that somebody bumped something.
class MemcachedStore final : public ResultStore {
 public:
  // `tls` null = nothing is encrypted.
  MemcachedStore(std::vector<Address> addresses, std::size_t pool_size, std::shared_ptr<const TlsContext> tls);

  Result<Fetched> Fetch(const std::string& key, std::span<const std::string> tags, const Deadline& deadline) override;
  Status Store(const std::string& key, std::string_view entry, std::chrono::milliseconds ttl,
               const Deadline& deadline) override;
  Status Erase(const std::string& key, const Deadline& deadline) override;
  Status Bump(std::span<const std::string> tags, const Deadline& deadline) override;
  Result<bool> TryLock(const std::string& name, std::chrono::milliseconds lease, const Deadline& deadline) override;
  void Unlock(const std::string& name, const Deadline& deadline) override;
  Result<std::vector<std::string>> Poll(const Deadline& deadline) override;

 private:
  using Pool = WirePool<MemcachedChannel>;
  const Address& ServerOf(const std::string& key) const;
  Result<Pool::Lease> Take(const Address& address, const Deadline& deadline);
  Status Increment(MemcachedChannel& channel, const std::string& counter, std::uint64_t* value,
                   const Deadline& deadline);

  const std::vector<Address> addresses_;
  const std::shared_ptr<const TlsContext> tls_;
  Pool pool_;
  std::atomic<std::uint64_t> seen_bumps_ = 0;  // The number of all bumps as far as this node knows of every one.
  // Of Poll() alone.
  bool known_ = false;
  std::chrono::steady_clock::time_point next_look_up_;
};

}  // namespace eider::cache
