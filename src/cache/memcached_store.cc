#include "cache/memcached_store.h"

#include <algorithm>
#include <charconv>

#include "cache/key.h"

namespace eider::cache {
namespace {

const std::string kBumps = "eider:bumps";
constexpr std::chrono::seconds kLookUpEvery(30);
constexpr long kLongestSeconds = 30L * 24 * 3600;  // More would be read as a date.

// Tags may be long and hold any character, keys may not.
std::string TagKey(const std::string& tag) { return KeyBuilder().Add("tag").Add(tag).Finish().Text(); }

std::string FirstVersion() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

std::uint64_t NumberOf(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

long SecondsOf(std::chrono::milliseconds ttl) {
  return std::min(static_cast<long>(std::chrono::ceil<std::chrono::seconds>(ttl).count()), kLongestSeconds);
}

Error Refused(const std::string& answer) {
  return {ErrorCode::kSourceUnavailable, "cache server: " + answer.substr(0, 200)};
}

}  // namespace

MemcachedStore::MemcachedStore(std::vector<Address> addresses, std::size_t pool_size,
                               std::shared_ptr<const TlsContext> tls)
    : addresses_(std::move(addresses)),
      tls_(std::move(tls)),
      pool_(std::max<std::size_t>(pool_size, 1)) {}

const Address& MemcachedStore::ServerOf(const std::string& key) const {
  // The server with the highest hash of both: when one goes, only its own keys move.
  return *std::ranges::max_element(addresses_, {}, [&key](const Address& address) {
    return KeyHash()(KeyBuilder().Add(address.ToString()).Add(key).Finish());
  });
}

Result<MemcachedStore::Pool::Lease> MemcachedStore::Take(const Address& address, const Deadline& deadline) {
  return pool_.Take(address, deadline,
                    [this](const Address& at, const Deadline& until) -> Result<std::unique_ptr<MemcachedChannel>> {
                      EIDER_ASSIGN_OR_RETURN(auto wire, Wire::Connect(at, until, tls_.get()));
                      return std::make_unique<MemcachedChannel>(std::move(wire));
                    });
}

Result<ResultStore::Fetched> MemcachedStore::Fetch(const std::string& key, std::span<const std::string> tags,
                                                   const Deadline& deadline) {
  Fetched out;
  std::vector<std::string> counters;
  for (const std::string& tag : tags) counters.push_back(TagKey(tag));
  {
    EIDER_ASSIGN_OR_RETURN(auto lease, Take(ServerOf(key), deadline));
    EIDER_ASSIGN_OR_RETURN(auto values, lease->Get(std::span(&key, 1), deadline));
    lease.Keep();
    if (const auto found = values.find(key); found != values.end()) out.entry = std::move(found->second);
  }
  if (tags.empty()) return out;
  EIDER_ASSIGN_OR_RETURN(auto lease, Take(ServerOf(kBumps), deadline));
  EIDER_ASSIGN_OR_RETURN(auto values, lease->Get(counters, deadline));
  if (values.size() < counters.size()) {
    for (const std::string& counter : counters) {
      if (values.contains(counter)) continue;
      EIDER_ASSIGN_OR_RETURN(const std::string added, lease->Put("add", counter, FirstVersion(), 0, deadline));
    }
    EIDER_ASSIGN_OR_RETURN(values, lease->Get(counters, deadline));
  }
  lease.Keep();
  for (const std::string& counter : counters) out.versions.push_back(NumberOf(values[counter]));
  return out;
}

Status MemcachedStore::Store(const std::string& key, std::string_view entry, std::chrono::milliseconds ttl,
                             const Deadline& deadline) {
  EIDER_ASSIGN_OR_RETURN(auto lease, Take(ServerOf(key), deadline));
  EIDER_ASSIGN_OR_RETURN(const std::string answer, lease->Put("set", key, entry, SecondsOf(ttl), deadline));
  if (answer != "STORED") return Refused(answer);
  lease.Keep();
  return {};
}

Status MemcachedStore::Erase(const std::string& key, const Deadline& deadline) {
  EIDER_ASSIGN_OR_RETURN(auto lease, Take(ServerOf(key), deadline));
  EIDER_ASSIGN_OR_RETURN(const std::string answer, lease->Line("delete " + key, deadline));
  lease.Keep();
  return {};
}

Status MemcachedStore::Increment(MemcachedChannel& channel, const std::string& counter, std::uint64_t* value,
                                 const Deadline& deadline) {
  EIDER_ASSIGN_OR_RETURN(std::string answer, channel.Line("incr " + counter + " 1", deadline));
  if (answer == "NOT_FOUND") {
    EIDER_ASSIGN_OR_RETURN(const std::string added, channel.Put("add", counter, FirstVersion(), 0, deadline));
    EIDER_ASSIGN_OR_RETURN(answer, channel.Line("incr " + counter + " 1", deadline));
  }
  *value = NumberOf(answer);
  if (*value == 0) return Refused(answer);
  return {};
}

Status MemcachedStore::Bump(std::span<const std::string> tags, const Deadline& deadline) {
  EIDER_ASSIGN_OR_RETURN(auto lease, Take(ServerOf(kBumps), deadline));
  std::uint64_t value = 0;
  for (const std::string& tag : tags) EIDER_RETURN_IF_ERROR(Increment(*lease, TagKey(tag), &value, deadline));
  EIDER_RETURN_IF_ERROR(Increment(*lease, kBumps, &value, deadline));
  lease.Keep();
  // The next one after those that are known is this one; otherwise somebody else's is still to be told.
  std::uint64_t before = value - 1;
  (void)seen_bumps_.compare_exchange_strong(before, value);
  return {};
}

Result<bool> MemcachedStore::TryLock(const std::string& name, std::chrono::milliseconds lease,
                                     const Deadline& deadline) {
  EIDER_ASSIGN_OR_RETURN(auto channel, Take(ServerOf(name), deadline));
  EIDER_ASSIGN_OR_RETURN(const std::string answer, channel->Put("add", name, "1", SecondsOf(lease), deadline));
  channel.Keep();
  return answer == "STORED";
}

void MemcachedStore::Unlock(const std::string& name, const Deadline& deadline) { (void)Erase(name, deadline); }

Result<std::vector<std::string>> MemcachedStore::Poll(const Deadline& deadline) {
  if (const auto now = std::chrono::steady_clock::now(); now >= next_look_up_) {
    next_look_up_ = now + kLookUpEvery;
    for (const Address& address : addresses_) Wire::LookUp(address);
  }
  const bool known = std::exchange(known_, false);
  EIDER_ASSIGN_OR_RETURN(auto lease, Take(ServerOf(kBumps), deadline));
  EIDER_ASSIGN_OR_RETURN(auto values, lease->Get(std::span(&kBumps, 1), deadline));
  lease.Keep();
  known_ = true;
  const auto found = values.find(kBumps);
  const std::uint64_t bumps = found == values.end() ? 0 : NumberOf(found->second);
  const std::uint64_t before = seen_bumps_.exchange(bumps);
  if (known && before == bumps) return std::vector<std::string>();
  return std::vector<std::string>{std::string(kEverything)};
}

}  // namespace eider::cache
