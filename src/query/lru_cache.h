#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/mutex.h"

namespace eider::query {

// Keeps the most recently used values by text. Values are shared and immutable for the cache. Thread-safe.
template <class T>
class LruCache {
 public:
  // `capacity`: values kept; `max_bytes`: total length of the keys kept.
  LruCache(std::size_t capacity, std::size_t max_bytes) : capacity_(capacity), max_bytes_(max_bytes) {}

  // The value of `key`, which becomes the most recently used; nullptr when there is none.
  std::shared_ptr<T> Find(std::string_view key) {
    MutexLock lock(mutex_);
    const auto it = index_.find(key);
    if (it == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, it->second);
    return it->second->value;
  }

  // Adds or replaces a value and drops the least recently used ones above the limits.
  void Put(std::string key, std::shared_ptr<T> value) {
    if (key.size() > max_bytes_) return;
    MutexLock lock(mutex_);
    const auto it = index_.find(key);
    if (it != index_.end()) {
      it->second->value = std::move(value);
      entries_.splice(entries_.begin(), entries_, it->second);
      return;
    }
    bytes_ += key.size();
    entries_.push_front({std::move(key), std::move(value)});
    index_.emplace(entries_.front().key, entries_.begin());
    while (entries_.size() > capacity_ || bytes_ > max_bytes_) {
      bytes_ -= entries_.back().key.size();
      index_.erase(entries_.back().key);
      entries_.pop_back();
    }
  }

  void Clear() {
    MutexLock lock(mutex_);
    index_.clear();
    entries_.clear();
    bytes_ = 0;
  }

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<T> value;
  };
  const std::size_t capacity_;
  const std::size_t max_bytes_;
  Mutex mutex_;
  std::list<Entry> entries_ GUARDED_BY(mutex_);
  std::unordered_map<std::string_view, typename std::list<Entry>::iterator> index_ GUARDED_BY(mutex_);
  std::size_t bytes_ GUARDED_BY(mutex_) = 0;
};

}  // namespace eider::query
