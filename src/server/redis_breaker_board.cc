#include "server/redis_breaker_board.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace eider::server {
namespace {

// ARGV: the window, and to tell something the node, its failures and their age. A node's field is its failures and the
// moment of the last one, by the server's clock. Gives what all nodes have said, a node and its failures in turn.
constexpr const char* kScript = R"lua(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local window = tonumber(ARGV[1])
if ARGV[2] then
  if tonumber(ARGV[3]) > 0 then
    redis.call('HSET', KEYS[1], ARGV[2], ARGV[3] .. ':' .. string.format('%.0f', now - tonumber(ARGV[4])))
    redis.call('PEXPIRE', KEYS[1], window)
  else
    redis.call('HDEL', KEYS[1], ARGV[2])
  end
end
local said = redis.call('HGETALL', KEYS[1])
local fresh = {}
for i = 1, #said, 2 do
  local failures, at = string.match(said[i + 1], '^(%d+):(%d+)$')
  if failures and now - tonumber(at) < window then
    fresh[#fresh + 1] = said[i]
    fresh[#fresh + 1] = failures
  else
    redis.call('HDEL', KEYS[1], said[i])
  end
end
return fresh
)lua";

std::string KeyOf(const std::string& source) { return "eider:cb:" + source; }

}  // namespace

RedisBreakerBoard::RedisBreakerBoard(cache::RedisStore::Options options, std::string node,
                                     std::chrono::milliseconds timeout)
    : store_(std::move(options)),
      node_(std::move(node)),
      timeout_(timeout) {}

Result<cache::RedisReply> RedisBreakerBoard::Run(const std::string& source, std::vector<std::string> arguments) {
  const std::string key = KeyOf(source);
  cache::RedisCommand command = {"EVAL", kScript, "1", key, std::to_string(cluster::kBreakerWindow.count())};
  std::ranges::move(arguments, std::back_inserter(command));
  return store_.Command(key, command, Deadline::After(timeout_));
}

Status RedisBreakerBoard::Tell(const std::vector<Told>& told) {
  for (const Told& one : told) {
    EIDER_RETURN_IF_ERROR(Run(one.source, {node_, std::to_string(one.failures), std::to_string(one.age.count())}));
  }
  return {};
}

Status RedisBreakerBoard::Clear(const std::set<std::string>& sources) {
  for (const std::string& source : sources) {
    const std::string key = KeyOf(source);
    EIDER_RETURN_IF_ERROR(store_.Command(key, {"DEL", key}, Deadline::After(timeout_)));
  }
  return {};
}

Result<cluster::BreakerBoard::Reports> RedisBreakerBoard::Look(const std::set<std::string>& sources) {
  store_.Learn();
  Reports reports;
  for (const std::string& source : sources) {
    EIDER_ASSIGN_OR_RETURN(const cache::RedisReply reply, Run(source, {}));
    for (std::size_t i = 0; i + 1 < reply.items.size(); i += 2) {
      reports[source].push_back({reply.items[i].text, static_cast<int>(reply.items[i + 1].Number())});
    }
  }
  return reports;
}

}  // namespace eider::server
