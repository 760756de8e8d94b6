#pragma once

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "cache/redis_store.h"
#include "cluster/breaker_board.h"

namespace eider::server {

// The board in redis: the hash `eider:cb:<source>` has what each node says, and goes when nobody says anything any
// more.
class RedisBreakerBoard final : public cluster::BreakerBoard {
 public:
  // `timeout`: of one call.
  RedisBreakerBoard(cache::RedisStore::Options options, std::string node, std::chrono::milliseconds timeout);

  Status Tell(const std::vector<Told>& told) override;
  Status Clear(const std::set<std::string>& sources) override;
  Result<Reports> Look(const std::set<std::string>& sources) override;

 private:
  Result<cache::RedisReply> Run(const std::string& source, std::vector<std::string> arguments);

  cache::RedisStore store_;
  const std::string node_;
  const std::chrono::milliseconds timeout_;
};

}  // namespace eider::server
