#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/prepared.h"

namespace eider::engine {

// The prepared statements of one session, least recently used dropped first. The time zone is a part of the key, since
// a plan holds timestamps that were read in the zone it was made in. Not thread-safe.
class StatementCache {
 public:
  explicit StatementCache(std::size_t capacity) : capacity_(capacity) {}

  // The statement for `sql` in zone number `zone`, or null.
  std::shared_ptr<DuckPrepared> Find(int zone, std::string_view sql);
  // Replaces a statement with the same key.
  void Put(int zone, std::string_view sql, std::shared_ptr<DuckPrepared> statement);
  void Clear();

 private:
  struct Entry {
    int zone;
    std::string sql;
    std::shared_ptr<DuckPrepared> statement;
  };
  struct Key {
    int zone;
    std::string_view sql;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return std::hash<std::string_view>()(key.sql) + static_cast<std::size_t>(key.zone) * 0x9E3779B97F4A7C15ULL;
    }
  };

  const std::size_t capacity_;
  std::list<Entry> entries_;  // Most recently used first; the keys point into it.
  std::unordered_map<Key, std::list<Entry>::iterator, KeyHash> index_;
};

}  // namespace eider::engine
