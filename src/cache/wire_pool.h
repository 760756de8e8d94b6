#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "cache/wire.h"

namespace eider::cache {

// Connections by server, at most `limit` in use at once. Thread-safe.
template <class T>
class WirePool {
 public:
  explicit WirePool(std::size_t limit) : limit_(limit) {}

  // A connection lent to one call. Unless it is kept, it is closed.
  class Lease {
   public:
    Lease(WirePool& pool, Address address, std::unique_ptr<T> channel)
        : pool_(&pool),
          address_(std::move(address)),
          channel_(std::move(channel)) {}
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)),
          address_(std::move(other.address_)),
          channel_(std::move(other.channel_)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (pool_ != nullptr) pool_->Return(address_, kept_ ? std::move(channel_) : nullptr);
    }
    T& operator*() const { return *channel_; }
    T* operator->() const { return channel_.get(); }
    void Keep() { kept_ = true; }

   private:
    WirePool* pool_;
    Address address_;
    std::unique_ptr<T> channel_;
    bool kept_ = false;
  };

  // Takes an idle connection or opens one by `open(address, deadline)`; waits while all are in use.
  template <class Open>
  Result<Lease> Take(const Address& address, const Deadline& deadline, const Open& open) {
    {
      MutexLock lock(mutex_);
      while (in_use_ >= limit_) {
        if (deadline.Passed()) return Error(ErrorCode::kTimeout, "cache server: all connections are in use");
        (void)freed_.wait_until(mutex_, deadline.at());
      }
      ++in_use_;
      auto& idle = idle_[address];
      if (!idle.empty()) {
        auto channel = std::move(idle.back());
        idle.pop_back();
        return Lease(*this, address, std::move(channel));
      }
    }
    auto channel = open(address, deadline);
    if (!channel) {
      Return(address, nullptr);
      return std::move(channel).error();
    }
    return Lease(*this, address, std::move(*channel));
  }

  // Closes the idle connections to a server that failed: they are of the same fate.
  void Drop(const Address& address) {
    std::vector<std::unique_ptr<T>> dropped;
    MutexLock lock(mutex_);
    dropped.swap(idle_[address]);
  }

 private:
  void Return(const Address& address, std::unique_ptr<T> channel) {
    MutexLock lock(mutex_);
    --in_use_;
    if (channel != nullptr) idle_[address].push_back(std::move(channel));
    freed_.notify_one();
  }

  const std::size_t limit_;
  Mutex mutex_;
  CondVar freed_;
  std::size_t in_use_ GUARDED_BY(mutex_) = 0;
  std::map<Address, std::vector<std::unique_ptr<T>>> idle_ GUARDED_BY(mutex_);
};

}  // namespace eider::cache
