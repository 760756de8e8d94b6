#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cache/wire.h"

namespace eider::cache {

// Reads the answer to a `get` from the beginning of `bytes`: values by key. Nothing while it is not whole; kBadInput
// for anything else, as also an item above `max_item` is.
Result<std::optional<std::map<std::string, std::string>>> ReadMemcachedValues(std::string_view bytes,
                                                                              std::size_t max_item);

// A connection that speaks memcached's text protocol. Not thread-safe; useless after a failure.
class MemcachedChannel {
 public:
  explicit MemcachedChannel(std::unique_ptr<Wire> wire) : wire_(std::move(wire)) {}

  // The values of those `keys` that have one.
  Result<std::map<std::string, std::string>> Get(std::span<const std::string> keys, const Deadline& deadline);
  // `verb`: set or add. The first word of the answer: STORED, NOT_STORED …
  Result<std::string> Put(std::string_view verb, const std::string& key, std::string_view value, long seconds,
                          const Deadline& deadline);
  // A command of one line, answered by one line.
  Result<std::string> Line(const std::string& command, const Deadline& deadline);

 private:
  static constexpr std::size_t kMaxItem = std::size_t{128} << 20;
  std::unique_ptr<Wire> wire_;
};

}  // namespace eider::cache
