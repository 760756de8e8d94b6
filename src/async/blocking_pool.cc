#include "async/blocking_pool.h"

#include <pthread.h>
#include <sched.h>

#include <utility>

namespace eider::async {

BlockingPool::BlockingPool(const std::string& name, int threads) {
  threads_.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i) {
    Resting& self = places_.emplace_back();
    threads_.emplace_back([this, &self] { Work(self); });
    pthread_setname_np(threads_.back().native_handle(), name.substr(0, 15).c_str());
  }
}

BlockingPool::~BlockingPool() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  for (Resting& place : places_) place.wake.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool BlockingPool::Submit(std::shared_ptr<Task> task, std::size_t max_queued) {
  Resting* called = nullptr;
  {
    MutexLock lock(mutex_);
    if (queue_.size() >= max_queued) return false;
    queue_.push_back(std::move(task));
    if (queue_.size() > (is_lingering_ ? 1U : 0U) && !resting_.empty()) {
      called = resting_.back();
      resting_.pop_back();
      called->called = true;
    }
  }
  has_work_.store(true, std::memory_order_release);
  if (called != nullptr) called->wake.notify_one();
  return true;
}

void BlockingPool::Linger() {
  is_lingering_ = true;
  has_work_.store(false, std::memory_order_relaxed);
  mutex_.unlock();
  const auto until = std::chrono::steady_clock::now() + kLinger;
  while (!has_work_.load(std::memory_order_acquire) && std::chrono::steady_clock::now() < until) sched_yield();
  mutex_.lock();
  is_lingering_ = false;
}

std::size_t BlockingPool::queued() const {
  MutexLock lock(mutex_);
  return queue_.size();
}

void BlockingPool::Rest(Resting& self) {
  if (queue_.empty() && !stopping_ && !is_lingering_) Linger();
  while (queue_.empty() && !stopping_) {
    self.called = false;
    resting_.push_back(&self);
    while (!self.called && !stopping_) self.wake.wait(mutex_);
  }
}

void BlockingPool::Work(Resting& self) {
  while (true) {
    std::shared_ptr<Task> task;
    {
      MutexLock lock(mutex_);
      Rest(self);
      if (queue_.empty()) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task->Run();
  }
}

}  // namespace eider::async
