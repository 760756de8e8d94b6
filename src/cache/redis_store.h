#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cache/redis_channel.h"
#include "cache/result_store.h"
#include "cache/wire_pool.h"

namespace eider::cache {

// Results in redis: one server, a cluster when there are several addresses, or the master that sentinels name.
//
// Entries are plain keys. The version of a tag is a counter "{eider}:tag:<tag>"; all of them and the stream
// "{eider}:bumps", in which nodes tell each other what was bumped, live in one slot of a cluster.
class RedisStore final : public ResultStore {
 public:
  struct Options {
    std::vector<Address> addresses;
    int database = 0;
    std::string username;
    std::string password;
    std::string sentinel_master;            // Empty = the addresses are the servers.
    std::shared_ptr<const TlsContext> tls;  // Null = nothing is encrypted.
    std::size_t pool_size = 32;
    std::chrono::milliseconds look_up_timeout{1000};  // Of the background's questions about servers.
  };
  explicit RedisStore(Options options);

  Result<Fetched> Fetch(const std::string& key, std::span<const std::string> tags, const Deadline& deadline) override;
  Status Store(const std::string& key, std::string_view entry, std::chrono::milliseconds ttl,
               const Deadline& deadline) override;
  Status Erase(const std::string& key, const Deadline& deadline) override;
  Status Bump(std::span<const std::string> tags, const Deadline& deadline) override;
  Result<bool> TryLock(const std::string& name, std::chrono::milliseconds lease, const Deadline& deadline) override;
  void Unlock(const std::string& name, const Deadline& deadline) override;
  Result<std::vector<std::string>> Poll(const Deadline& deadline) override;

  // Sends one command about `key`; an answer that is an error fails.
  Result<RedisReply> Command(std::string_view key, const RedisCommand& command, const Deadline& deadline);

  // Learns which servers there are, if it is time. Takes as long as it takes; called by one thread, and not beside
  // Poll(), which does the same.
  void Learn() { LearnServers(); }

 private:
  using Replies = std::vector<RedisReply>;
  using Pool = WirePool<RedisChannel>;

  bool is_cluster() const { return options_.sentinel_master.empty() && options_.addresses.size() > 1; }
  // Sends commands about keys of one slot to the server that has them; an answer that is an error fails.
  Result<Replies> Ask(std::string_view key, const std::vector<RedisCommand>& commands, const Deadline& deadline);
  Result<Replies> AskAt(const Address& address, const std::vector<RedisCommand>& commands, const Deadline& deadline);
  Result<Address> ServerOf(std::string_view key);
  Result<std::vector<std::uint64_t>> Versions(Replies replies, std::size_t first, std::span<const std::string> tags,
                                              const Deadline& deadline);

  // Learns which servers there are, at the background's leisure.
  void LearnServers();
  void LearnMaster();
  void LearnSlots();

  const Options options_;
  const std::string origin_;  // This node, in the stream.
  Pool pool_;

  Mutex mutex_;
  std::map<int, Address> slots_ GUARDED_BY(mutex_);  // By the last slot of each range.
  std::optional<Address> master_ GUARDED_BY(mutex_);
  std::atomic<bool> stale_ = true;  // What is known of the servers may be wrong.

  // Of Poll() alone.
  std::string last_bump_;
  bool lost_touch_ = true;
  std::chrono::steady_clock::time_point next_look_up_;
};

}  // namespace eider::cache
