#include "engine/statement_cache.h"

namespace eider::engine {

std::shared_ptr<DuckPrepared> StatementCache::Find(int zone, std::string_view sql) {
  const auto found = index_.find(Key{zone, sql});
  if (found == index_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->statement;
}

void StatementCache::Put(int zone, std::string_view sql, std::shared_ptr<DuckPrepared> statement) {
  if (capacity_ == 0) return;
  if (const auto found = index_.find(Key{zone, sql}); found != index_.end()) {
    found->second->statement = std::move(statement);
    entries_.splice(entries_.begin(), entries_, found->second);
    return;
  }
  if (entries_.size() >= capacity_) {
    index_.erase(Key{entries_.back().zone, entries_.back().sql});
    entries_.pop_back();
  }
  entries_.push_front(Entry{zone, std::string(sql), std::move(statement)});
  index_.emplace(Key{zone, entries_.front().sql}, entries_.begin());
}

void StatementCache::Clear() {
  index_.clear();
  entries_.clear();
}

}  // namespace eider::engine
