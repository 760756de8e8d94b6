#include "async/blocking_pool.h"

#include <pthread.h>

#include <utility>

namespace eider::async {

BlockingPool::BlockingPool(const std::string& name, int threads) {
  threads_.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { Work(); });
    pthread_setname_np(threads_.back().native_handle(), name.substr(0, 15).c_str());
  }
}

BlockingPool::~BlockingPool() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool BlockingPool::Submit(std::shared_ptr<Task> task, std::size_t max_queued) {
  {
    MutexLock lock(mutex_);
    if (queue_.size() >= max_queued) return false;
    queue_.push_back(std::move(task));
  }
  wake_.notify_one();
  return true;
}

std::size_t BlockingPool::queued() const {
  MutexLock lock(mutex_);
  return queue_.size();
}

void BlockingPool::Work() {
  while (true) {
    std::shared_ptr<Task> task;
    {
      MutexLock lock(mutex_);
      while (queue_.empty() && !stopping_) wake_.wait(mutex_);
      if (queue_.empty()) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task->Run();
  }
}

}  // namespace eider::async
