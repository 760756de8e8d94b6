#pragma once

#include <memory>
#include <utility>

#include "base/mutex.h"

namespace eider {

// Holds the current immutable value of a kind and swaps it in one step. Any thread may call both methods;
// a reader keeps its value alive for as long as it needs.
template <class T>
class SnapshotHolder {
 public:
  explicit SnapshotHolder(std::shared_ptr<const T> initial = nullptr) : current_(std::move(initial)) {}

  std::shared_ptr<const T> Get() const {
    MutexLock lock(mutex_);
    return current_;
  }

  void Set(std::shared_ptr<const T> next) {
    MutexLock lock(mutex_);
    current_.swap(next);
  }

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const T> current_ GUARDED_BY(mutex_);
};

}  // namespace eider
