#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "cluster/core_watch.h"
#include "cluster/core_watcher.h"
#include "cluster/store_call.h"

namespace eider::cluster {

// Follows a core database that lies in the memory of the management node: hears what that node announces, and in any
// case looks every so often. Owned by the composition root.
class StoreWatcher final : public CoreWatch {
 public:
  // Of `options` all but the channels count. `position` tells how much the store had announced when it answered last.
  StoreWatcher(CoreWatcherOptions options, std::function<StorePosition()> position);
  // Waits for a running on_event() to end.
  ~StoreWatcher() override;
  StoreWatcher(const StoreWatcher&) = delete;
  StoreWatcher& operator=(const StoreWatcher&) = delete;

  // Takes announcements; what came between them and those before is noticed as missed. Any thread, does not wait.
  void Hear(StoreNews news);

  void Nudge() override;
  bool connected() const override { return connected_; }
  bool can_listen() const override { return true; }

 private:
  void Run();
  // Everything is looked at. Fails when the store does not answer.
  Status Look();
  // Compares what was heard with what was announced.
  void LookForGaps();
  void Deal(const StoreNews& news);
  void Missed();

  const CoreWatcherOptions options_;
  const std::function<StorePosition()> position_;
  std::atomic<bool> connected_ = false;
  bool warned_ = false;  // Of the thread, as are the next two.
  StorePosition heard_;  // The last announcement.
  StorePosition owed_;   // What should have been heard by the next look.
  Mutex mutex_;
  CondVar wake_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  bool nudged_ GUARDED_BY(mutex_) = false;
  std::vector<StoreNews> news_ GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace eider::cluster
