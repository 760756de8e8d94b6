#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/deadline.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/stop_token.h"
#include "observe/metrics.h"

namespace eider::observe {

struct SendQueueOptions {
  std::size_t queue = 4096;                                 // Records that wait; more are dropped.
  std::size_t batch = 512;                                  // Records that are sent together at most.
  int tries = 4;                                            // Of one batch.
  std::chrono::milliseconds gather{500};                    // How long records wait for others to be sent with.
  std::chrono::milliseconds timeout{10'000};                // Of one try.
  std::chrono::milliseconds least_pause{500};               // Before a second try; doubled each time.
  std::chrono::milliseconds at_stop{2'000};                 // For what is still queued at the end.
  std::function<void(const std::string&)> on_problem = {};  // Told when records begin not to be taken; any thread.
};

// Records on their way to somebody who may be slow or away, sent in batches by a thread of its own. Never makes a
// caller wait: what finds no room is dropped, and counted. Thread-safe.
template <class Record>
class SendQueue {
 public:
  // Records that are sent together: under the same number in every try, and later ones under higher numbers.
  struct Batch {
    std::span<const Record> records;
    std::uint64_t number = 0;
  };

  // Hands on all of `batch`; gives up at `deadline` and on a stop. Fails with kBadInput when it will never be taken,
  // else it is worth another try. Called by one thread.
  using Send = std::function<Status(const Batch& batch, const Deadline& deadline, const StopToken& stop)>;

  // Where what becomes of records is counted.
  struct Counts {
    Counter& sent;
    Counter& dropped;  // For want of room.
    Counter& failed;   // Nobody took them.
  };

  SendQueue(SendQueueOptions options, Send send, Counts counts)
      : options_(std::move(options)),
        send_(std::move(send)),
        counts_(counts),
        thread_([this] { Run(); }) {}

  // Sends what is queued, within SendQueueOptions::at_stop.
  ~SendQueue() {
    const Deadline deadline = Deadline::After(options_.at_stop);
    {
      MutexLock lock(mutex_);
      stopping_ = deadline;
      work_.notify_all();
      stopped_.notify_all();
      // A try that is under way has the time that is left, too.
      while (!is_done_ && stopped_.wait_until(mutex_, deadline.at()) != std::cv_status::timeout) {
      }
    }
    stop_.request_stop();
    thread_.join();
  }
  SendQueue(const SendQueue&) = delete;
  SendQueue& operator=(const SendQueue&) = delete;

  void Put(Record record) {
    {
      MutexLock lock(mutex_);
      if (queue_.size() >= options_.queue || stopping_) {
        counts_.dropped.Add();
        return;
      }
      queue_.push_back(std::move(record));
      // Whoever sends wakes up by itself soon enough, but for the first.
      if (queue_.size() > 1 && queue_.size() != options_.batch) return;
    }
    work_.notify_one();
  }

 private:
  void Run() {
    while (auto records = Take()) SendOut(*records);
    MutexLock lock(mutex_);
    is_done_ = true;
    stopped_.notify_all();
  }

  // Waits for a batch; nothing at the end.
  std::optional<std::vector<Record>> Take() {
    MutexLock lock(mutex_);
    while (queue_.empty() && !stopping_) work_.wait(mutex_);
    const auto gathered = Deadline::Clock::now() + options_.gather;
    while (queue_.size() < options_.batch && !stopping_ &&
           work_.wait_until(mutex_, gathered) != std::cv_status::timeout) {
    }
    if (queue_.empty()) return std::nullopt;
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), options_.batch));
    std::vector<Record> records(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
    queue_.erase(queue_.begin(), end);
    return records;
  }

  void SendOut(const std::vector<Record>& records) {
    auto pause = options_.least_pause;
    const Batch batch{records, ++number_};
    for (int left = options_.tries; left > 0; --left) {
      const Status sent = send_(batch, TryDeadline(), stop_.get_token());
      if (sent) {
        is_failing_ = false;
        counts_.sent.Add(records.size());
        return;
      }
      if (!std::exchange(is_failing_, true) && options_.on_problem) options_.on_problem(sent.error().message);
      if (sent.error().code == ErrorCode::kBadInput || left == 1 || !MayTryAgain(pause)) break;
      pause *= 2;
    }
    counts_.failed.Add(records.size());
  }

  Deadline TryDeadline() {
    MutexLock lock(mutex_);
    const Deadline::Clock::duration timeout = options_.timeout;
    return Deadline::After(stopping_ ? std::min(stopping_->Remaining(), timeout) : timeout);
  }

  // Waits before another try. False at the end, when there is one try for every batch.
  bool MayTryAgain(std::chrono::milliseconds pause) {
    MutexLock lock(mutex_);
    const auto at = Deadline::Clock::now() + pause;
    while (!stopping_ && stopped_.wait_until(mutex_, at) != std::cv_status::timeout) {
    }
    return !stopping_;
  }

  const SendQueueOptions options_;
  const Send send_;
  const Counts counts_;
  Mutex mutex_;
  CondVar work_;
  CondVar stopped_;
  std::vector<Record> queue_ GUARDED_BY(mutex_);
  std::optional<Deadline> stopping_ GUARDED_BY(mutex_);
  bool is_done_ GUARDED_BY(mutex_) = false;
  bool is_failing_ = false;  // Of the thread, as is the next.
  std::uint64_t number_ = 0;
  StopSource stop_;
  std::thread thread_;
};

}  // namespace eider::observe
