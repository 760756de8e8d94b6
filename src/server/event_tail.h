#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "base/deadline.h"
#include "base/mutex.h"
#include "base/result.h"
#include "cluster/core_store.h"
#include "query/stream_registry.h"

namespace eider::server {

// Knows how far the events of the cluster have come, for those who watch them: asks the core database while somebody
// wants to know, and is silent otherwise. Owned by the data node, outlived by its core database.
class EventTail {
 public:
  // `identity`: tells the core database from one that began anew in memory; must not block. Empty = it never does.
  EventTail(cluster::CoreStore& store, std::function<std::string()> identity);
  // Waits for a question to end, which takes no longer than CoreStore::kPatience.
  ~EventTail();
  EventTail(const EventTail&) = delete;
  EventTail& operator=(const EventTail&) = delete;

  // As of the last look; nothing when that was long ago or the core database did not answer it. Does not block. Any
  // thread.
  std::optional<query::StreamMark> Newest();

 private:
  void Run();
  // Whether it is to go on; waits until it is time for a look.
  bool WaitForLook();
  Result<query::StreamMark> Look();

  cluster::CoreStore& store_;
  const std::function<std::string()> identity_;
  std::string known_;        // The identity of the last look; of the thread.
  std::int64_t stores_ = 0;  // Of the thread.
  Mutex mutex_;
  CondVar wake_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  Deadline wanted_ GUARDED_BY(mutex_) = Deadline::After(std::chrono::seconds(0));  // So long somebody wants to know.
  Deadline fresh_ GUARDED_BY(mutex_) = Deadline::After(std::chrono::seconds(0));   // So long the mark holds.
  std::optional<query::StreamMark> mark_ GUARDED_BY(mutex_);
  std::thread thread_;  // Last: it uses the others.
};

}  // namespace eider::server
