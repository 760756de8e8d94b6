#pragma once

#include <curl/curl.h>

#include <atomic>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "base/mutex.h"
#include "fetch/transfer.h"

namespace eider::fetch {

// Requests that were sent together. Shared by whoever waits and the loop.
struct Batch {
  std::vector<Request> requests;  // Constant once submitted.
  std::shared_ptr<Peer> peer;
  Deadline deadline;
  std::atomic<bool> over = false;  // Nothing of it is of use any more.

  Mutex mutex;
  CondVar changed;
  std::vector<std::optional<Result<Response>>> results GUARDED_BY(mutex);
  std::size_t missing GUARDED_BY(mutex) = 0;
  std::optional<Error> ended GUARDED_BY(mutex);  // What is missing fails like this.
};

// The thread behind an HttpClient. Submit(), Wake() and Stop() may be called from any thread, the rest is its own.
class TransferLoop {
 public:
  TransferLoop();
  ~TransferLoop();
  TransferLoop(const TransferLoop&) = delete;
  TransferLoop& operator=(const TransferLoop&) = delete;

  void Submit(std::shared_ptr<Batch> batch);
  // Makes the loop look at batches that are over.
  void Wake();
  void Stop();

  // Runs until Stop().
  void Run();

 private:
  struct Job {
    std::unique_ptr<Transfer> transfer;
    Deadline::Clock::time_point due = {};  // Of a next try.
    bool active = false;                   // Its handle is with libcurl.
  };
  using Jobs = std::list<Job>;

  // Takes what was submitted; false when the loop must end.
  bool Receive();
  void DropOver();
  void StartDue();
  void FinishDone();
  void Finish(Jobs::iterator job, Result<Response> result);
  void Erase(Jobs::iterator job);
  Jobs::iterator JobOf(CURL* handle);
  int WaitTime() const;

  CURLM* const multi_;
  Jobs jobs_;  // Oldest first.

  Mutex mutex_;
  std::vector<std::shared_ptr<Batch>> inbox_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
};

}  // namespace eider::fetch
