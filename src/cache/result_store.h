#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"

namespace eider::cache {

// Results and version counters of tags outside this process, shared by all nodes. Every call is over at its deadline.
// Thread-safe; a failure leaves nothing half done that a later call would take for whole.
class ResultStore {
 public:
  virtual ~ResultStore() = default;

  struct Fetched {
    std::optional<std::string> entry;
    std::vector<std::uint64_t>
        versions;  // Of the tags, in their order. A counter that was lost gets a value never used.
  };
  virtual Result<Fetched> Fetch(const std::string& key, std::span<const std::string> tags,
                                const Deadline& deadline) = 0;

  // Keeps `entry`; a `ttl` of zero is no limit.
  virtual Status Store(const std::string& key, std::string_view entry, std::chrono::milliseconds ttl,
                       const Deadline& deadline) = 0;
  virtual Status Erase(const std::string& key, const Deadline& deadline) = 0;

  // Adds one to the version of each tag, and lets other nodes know.
  virtual Status Bump(std::span<const std::string> tags, const Deadline& deadline) = 0;

  // Takes the lock called `name` for at most `lease`; false when another has it.
  virtual Result<bool> TryLock(const std::string& name, std::chrono::milliseconds lease, const Deadline& deadline) = 0;
  virtual void Unlock(const std::string& name, const Deadline& deadline) = 0;

  // What other nodes bumped since the last call; "*" for what is not known. May look up names, which takes longer than
  // the deadline: called by one background thread only.
  virtual Result<std::vector<std::string>> Poll(const Deadline& deadline) = 0;
};

// Stands for all tags.
inline constexpr std::string_view kEverything = "*";

}  // namespace eider::cache
