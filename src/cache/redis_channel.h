#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/wire.h"

namespace eider::cache {

// One answer of a redis server. A value.
struct RedisReply {
  enum class Kind { kNil, kText, kInteger, kList, kError };
  Kind kind = Kind::kNil;
  std::string text;  // Also of an error.
  std::int64_t integer = 0;
  std::vector<RedisReply> items;

  bool is_error() const { return kind == Kind::kError; }
  // The integer, also where it came as text; 0 for anything else.
  std::uint64_t Number() const;
};

using RedisCommand = std::vector<std::string>;

// A connection that speaks redis's protocol. Not thread-safe; useless after a failure.
class RedisChannel {
 public:
  explicit RedisChannel(std::unique_ptr<Wire> wire);
  ~RedisChannel();

  // Sends all commands and takes as many answers. An answer that is an error fails nothing.
  Result<std::vector<RedisReply>> Exchange(const std::vector<RedisCommand>& commands, const Deadline& deadline);

 private:
  Result<RedisReply> Next(const Deadline& deadline);
  struct Reader;
  std::unique_ptr<Wire> wire_;
  std::unique_ptr<Reader> reader_;
};

// The cluster's slot of a key: of its part in braces, when it has one.
int RedisSlot(std::string_view key);

}  // namespace eider::cache
