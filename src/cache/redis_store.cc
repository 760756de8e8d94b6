#include "cache/redis_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace eider::cache {
namespace {

constexpr std::string_view kBumps = "{eider}:bumps";
constexpr std::chrono::seconds kLookUpEvery(30);

std::string TagKey(std::string_view tag) { return "{eider}:tag:" + std::string(tag); }

std::string RandomName() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

// A value that no counter ever had: counters grow by single steps from such a value.
std::string FirstVersion() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

Error Refused(const RedisReply& reply) {
  return {ErrorCode::kSourceUnavailable, "cache server: " + reply.text.substr(0, 200)};
}

Result<std::unique_ptr<RedisChannel>> Connect(const Address& address, const Deadline& deadline, const TlsContext* tls,
                                              const std::vector<RedisCommand>& greeting) {
  EIDER_ASSIGN_OR_RETURN(auto wire, Wire::Connect(address, deadline, tls));
  auto channel = std::make_unique<RedisChannel>(std::move(wire));
  if (greeting.empty()) return channel;
  EIDER_ASSIGN_OR_RETURN(const auto replies, channel->Exchange(greeting, deadline));
  for (const RedisReply& reply : replies) {
    if (reply.is_error()) return Refused(reply);
  }
  return channel;
}

}  // namespace

RedisStore::RedisStore(Options options)
    : options_(std::move(options)),
      origin_(RandomName()),
      pool_(std::max<std::size_t>(options_.pool_size, 1)) {}

Result<Address> RedisStore::ServerOf(std::string_view key) {
  if (options_.sentinel_master.empty() && !is_cluster()) return options_.addresses.front();
  MutexLock lock(mutex_);
  if (!is_cluster()) {
    if (master_) return *master_;
  } else if (const auto range = slots_.lower_bound(RedisSlot(key)); range != slots_.end()) {
    return range->second;
  }
  return Error(ErrorCode::kSourceUnavailable, "cache server: not known yet");
}

Result<RedisStore::Replies> RedisStore::Ask(std::string_view key, const std::vector<RedisCommand>& commands,
                                            const Deadline& deadline) {
  EIDER_ASSIGN_OR_RETURN(const Address address, ServerOf(key));
  auto replies = AskAt(address, commands, deadline);
  if (!replies) {
    stale_ = true;
    return replies;
  }
  for (const RedisReply& reply : *replies) {
    if (!reply.is_error()) continue;
    // Another server has it now, or this one is not the master any more.
    stale_ = true;
    return Refused(reply);
  }
  return replies;
}

Result<RedisReply> RedisStore::Command(std::string_view key, const RedisCommand& command, const Deadline& deadline) {
  EIDER_ASSIGN_OR_RETURN(Replies replies, Ask(key, {command}, deadline));
  return std::move(replies[0]);
}

Result<RedisStore::Replies> RedisStore::AskAt(const Address& address, const std::vector<RedisCommand>& commands,
                                              const Deadline& deadline) {
  const auto open = [this](const Address& at, const Deadline& until) {
    std::vector<RedisCommand> greeting;
    if (!options_.password.empty()) {
      RedisCommand& login = greeting.emplace_back(RedisCommand{"AUTH"});
      if (!options_.username.empty()) login.push_back(options_.username);
      login.push_back(options_.password);
    }
    if (options_.database != 0 && !is_cluster()) greeting.push_back({"SELECT", std::to_string(options_.database)});
    return Connect(at, until, options_.tls.get(), greeting);
  };
  EIDER_ASSIGN_OR_RETURN(auto lease, pool_.Take(address, deadline, open));
  auto replies = lease->Exchange(commands, deadline);
  if (replies) {
    lease.Keep();
  } else {
    pool_.Drop(address);
  }
  return replies;
}

Result<ResultStore::Fetched> RedisStore::Fetch(const std::string& key, std::span<const std::string> tags,
                                               const Deadline& deadline) {
  RedisCommand versions = {"MGET"};
  for (const std::string& tag : tags) versions.push_back(TagKey(tag));
  std::vector<RedisCommand> commands = {{"GET", key}};
  Fetched out;
  if (!is_cluster() && !tags.empty()) commands.push_back(versions);
  EIDER_ASSIGN_OR_RETURN(Replies replies, Ask(key, commands, deadline));
  if (replies[0].kind == RedisReply::Kind::kText) out.entry = std::move(replies[0].text);
  if (tags.empty()) return out;
  if (is_cluster()) {
    EIDER_ASSIGN_OR_RETURN(Replies counted, Ask(kBumps, {versions}, deadline));
    replies.push_back(std::move(counted[0]));
  }
  EIDER_ASSIGN_OR_RETURN(out.versions, Versions(std::move(replies), 1, tags, deadline));
  return out;
}

Result<std::vector<std::uint64_t>> RedisStore::Versions(Replies replies, std::size_t first,
                                                        std::span<const std::string> tags, const Deadline& deadline) {
  const auto count = [&](const RedisReply& reply) {
    std::vector<std::uint64_t> numbers;
    for (const RedisReply& item : reply.items) numbers.push_back(item.Number());
    numbers.resize(tags.size());
    return numbers;
  };
  std::vector<std::uint64_t> versions = count(replies[first]);
  std::vector<RedisCommand> create;
  RedisCommand again = {"MGET"};
  for (std::size_t i = 0; i < tags.size(); ++i) {
    again.push_back(TagKey(tags[i]));
    if (versions[i] == 0) create.push_back({"SET", TagKey(tags[i]), FirstVersion(), "NX"});
  }
  if (create.empty()) return versions;
  create.push_back(std::move(again));
  EIDER_ASSIGN_OR_RETURN(const Replies created, Ask(kBumps, create, deadline));
  return count(created.back());
}

Status RedisStore::Store(const std::string& key, std::string_view entry, std::chrono::milliseconds ttl,
                         const Deadline& deadline) {
  RedisCommand command = {"SET", key, std::string(entry)};
  if (ttl.count() > 0) command.insert(command.end(), {"PX", std::to_string(ttl.count())});
  EIDER_ASSIGN_OR_RETURN(const Replies done, Ask(key, {command}, deadline));
  return {};
}

Status RedisStore::Erase(const std::string& key, const Deadline& deadline) {
  EIDER_ASSIGN_OR_RETURN(const Replies done, Ask(key, {{"DEL", key}}, deadline));
  return {};
}

Status RedisStore::Bump(std::span<const std::string> tags, const Deadline& deadline) {
  std::vector<RedisCommand> commands;
  for (const std::string& tag : tags) {
    // A counter that was lost goes on from a value that it never had.
    commands.push_back({"SET", TagKey(tag), FirstVersion(), "NX"});
    commands.push_back({"INCR", TagKey(tag)});
    commands.push_back({"XADD", std::string(kBumps), "MAXLEN", "~", "10000", "*", "tag", tag, "by", origin_});
  }
  if (commands.empty()) return {};
  EIDER_ASSIGN_OR_RETURN(const Replies done, Ask(kBumps, commands, deadline));
  return {};
}

Result<bool> RedisStore::TryLock(const std::string& name, std::chrono::milliseconds lease, const Deadline& deadline) {
  EIDER_ASSIGN_OR_RETURN(const Replies taken,
                         Ask(name, {{"SET", name, origin_, "NX", "PX", std::to_string(lease.count())}}, deadline));
  return taken[0].kind == RedisReply::Kind::kText;
}

void RedisStore::Unlock(const std::string& name, const Deadline& deadline) {
  // Only its own: after the lease it may be another's.
  constexpr const char* kScript =
      "if redis.call('GET',KEYS[1])==ARGV[1] then return redis.call('DEL',KEYS[1]) end return 0";
  (void)Ask(name, {{"EVAL", kScript, "1", name, origin_}}, deadline);
}

Result<std::vector<std::string>> RedisStore::Poll(const Deadline& deadline) {
  LearnServers();
  const bool whole = lost_touch_;
  lost_touch_ = true;
  const std::string stream(kBumps);
  if (whole) {
    // From here on; what was bumped while nobody listened is not known.
    EIDER_ASSIGN_OR_RETURN(const Replies last, Ask(kBumps, {{"XREVRANGE", stream, "+", "-", "COUNT", "1"}}, deadline));
    const bool none = last[0].items.empty() || last[0].items[0].items.empty();
    last_bump_ = none ? "0-0" : last[0].items[0].items[0].text;
    lost_touch_ = false;
    return std::vector<std::string>{std::string(kEverything)};
  }
  EIDER_ASSIGN_OR_RETURN(const Replies read,
                         Ask(kBumps, {{"XREAD", "COUNT", "1000", "STREAMS", stream, last_bump_}}, deadline));
  std::vector<std::string> tags;
  lost_touch_ = false;
  if (read[0].items.empty() || read[0].items[0].items.size() < 2) return tags;
  for (const RedisReply& message : read[0].items[0].items[1].items) {
    if (message.items.size() < 2 || message.items[1].items.size() < 4) continue;
    last_bump_ = message.items[0].text;
    const auto& fields = message.items[1].items;
    if (fields[3].text != origin_) tags.push_back(fields[1].text);
  }
  return tags;
}

void RedisStore::LearnServers() {
  const auto now = std::chrono::steady_clock::now();
  if (!stale_ && now < next_look_up_) return;
  stale_ = false;
  next_look_up_ = now + kLookUpEvery;
  for (const Address& address : options_.addresses) Wire::LookUp(address);
  if (!options_.sentinel_master.empty()) LearnMaster();
  if (is_cluster()) LearnSlots();
}

void RedisStore::LearnMaster() {
  for (const Address& sentinel : options_.addresses) {
    const Deadline deadline = Deadline::After(options_.look_up_timeout);
    auto channel = Connect(sentinel, deadline, options_.tls.get(), {});
    if (!channel) continue;
    const auto replies =
        (*channel)->Exchange({{"SENTINEL", "get-master-addr-by-name", options_.sentinel_master}}, deadline);
    if (!replies || (*replies)[0].items.size() != 2) continue;
    const Address master{(*replies)[0].items[0].text, (*replies)[0].items[1].text};
    Wire::LookUp(master);
    MutexLock lock(mutex_);
    master_ = master;
    return;
  }
  stale_ = true;
}

void RedisStore::LearnSlots() {
  for (const Address& address : options_.addresses) {
    const Deadline deadline = Deadline::After(options_.look_up_timeout);
    const auto replies = AskAt(address, {{"CLUSTER", "SLOTS"}}, deadline);
    if (!replies || (*replies)[0].items.empty()) continue;
    std::map<int, Address> slots;
    for (const RedisReply& range : (*replies)[0].items) {
      if (range.items.size() < 3 || range.items[2].items.size() < 2) continue;
      Address server{range.items[2].items[0].text, std::to_string(range.items[2].items[1].Number())};
      // A server that does not know its own address is the one that was asked.
      if (server.host.empty()) server.host = address.host;
      Wire::LookUp(server);
      slots[static_cast<int>(range.items[1].Number())] = server;
    }
    MutexLock lock(mutex_);
    slots_ = std::move(slots);
    return;
  }
  stale_ = true;
}

}  // namespace eider::cache
