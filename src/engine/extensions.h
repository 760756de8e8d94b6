#pragma once

#include <set>
#include <string>

#include "base/mutex.h"

namespace eider::engine {

// The extensions that sessions of one database have loaded. Thread-safe.
class LoadedExtensions {
 public:
  bool Has(const std::string& name) const {
    MutexLock lock(mutex_);
    return names_.contains(name);
  }
  void Add(const std::string& name) {
    MutexLock lock(mutex_);
    names_.insert(name);
  }

 private:
  mutable Mutex mutex_;
  std::set<std::string> names_ GUARDED_BY(mutex_);
};

}  // namespace eider::engine
