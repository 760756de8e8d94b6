#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace eider::cache {

// The version of one tag. Shared by everything that was computed under it.
struct TagCell {
  explicit TagCell(std::uint64_t first) : version(first) {}
  std::atomic<std::uint64_t> version;
};

// The versions that some tags had at one moment. A value; comparing it takes no lock.
class TagStamps {
 public:
  // Whether no tag was bumped since.
  bool AreCurrent() const {
    for (const auto& [cell, version] : seen_) {
      if (cell->version.load(std::memory_order_acquire) != version) return false;
    }
    return true;
  }
  std::size_t size() const { return seen_.size(); }

 private:
  friend class TagTable;
  std::vector<std::pair<std::shared_ptr<const TagCell>, std::uint64_t>> seen_;
};

// Version counters by tag. A bump makes everything stamped before invisible, at the cost of one addition. Thread-safe.
class TagTable {
 public:
  // The versions of `tags` now, and of "everything". Taken before a result is computed.
  TagStamps Stamp(std::span<const std::string> tags);

  void Bump(std::span<const std::string> tags);
  // Bumps every tag at once.
  void BumpAll();

  // Forgets the counters that no stamp refers to. Their values never come again.
  void Sweep();

  std::size_t size() const;

 private:
  mutable Mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<TagCell>> cells_ GUARDED_BY(mutex_);
  const std::shared_ptr<TagCell> everything_ = std::make_shared<TagCell>(0);
  std::uint64_t last_ GUARDED_BY(mutex_) = 0;  // The highest version given to any tag.
};

}  // namespace eider::cache
