#pragma once

#include <condition_variable>
#include <mutex>

// Thread-safety annotations, checked by clang's -Wthread-safety and empty elsewhere.
#if defined(__clang__)
#define EIDER_TSA(x) __attribute__((x))
#else
#define EIDER_TSA(x)
#endif
#define GUARDED_BY(mutex) EIDER_TSA(guarded_by(mutex))
#define REQUIRES_LOCK(...) EIDER_TSA(requires_capability(__VA_ARGS__))
#define EXCLUDES_LOCK(...) EIDER_TSA(locks_excluded(__VA_ARGS__))

namespace eider {

// A std::mutex that clang's analysis knows. Also works with std::condition_variable_any.
class EIDER_TSA(capability("mutex")) Mutex {
 public:
  void lock() EIDER_TSA(acquire_capability()) { mutex_.lock(); }
  void unlock() EIDER_TSA(release_capability()) { mutex_.unlock(); }
  bool try_lock() EIDER_TSA(try_acquire_capability(true)) { return mutex_.try_lock(); }

 private:
  std::mutex mutex_;
};

// Holds a Mutex for a scope.
class EIDER_TSA(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) EIDER_TSA(acquire_capability(mutex)) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() EIDER_TSA(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

using CondVar = std::condition_variable_any;

}  // namespace eider
