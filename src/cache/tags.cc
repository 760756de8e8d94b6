#include "cache/tags.h"

namespace eider::cache {

TagStamps TagTable::Stamp(std::span<const std::string> tags) {
  TagStamps stamps;
  stamps.seen_.reserve(tags.size() + 1);
  MutexLock lock(mutex_);
  stamps.seen_.emplace_back(everything_, everything_->version.load(std::memory_order_acquire));
  for (const std::string& tag : tags) {
    auto& cell = cells_[tag];
    if (cell == nullptr) cell = std::make_shared<TagCell>(++last_);
    stamps.seen_.emplace_back(cell, cell->version.load(std::memory_order_acquire));
  }
  return stamps;
}

void TagTable::Bump(std::span<const std::string> tags) {
  MutexLock lock(mutex_);
  for (const std::string& tag : tags) {
    const auto found = cells_.find(tag);
    // A tag without a counter has no stamp either.
    if (found != cells_.end()) found->second->version.store(++last_, std::memory_order_release);
  }
}

void TagTable::BumpAll() {
  MutexLock lock(mutex_);
  everything_->version.store(++last_, std::memory_order_release);
}

void TagTable::Sweep() {
  MutexLock lock(mutex_);
  // A counter that only the table holds cannot gain another owner while the lock is held.
  std::erase_if(cells_, [](const auto& item) { return item.second.use_count() == 1; });
}

std::size_t TagTable::size() const {
  MutexLock lock(mutex_);
  return cells_.size();
}

}  // namespace eider::cache
