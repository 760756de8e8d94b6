#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>

#include "cluster/core_watch.h"
#include "cluster/core_watcher.h"
#include "cluster/store_call.h"
#include "cluster/store_watcher.h"
#include "config/config.h"
#include "observe/log.h"
#include "server/data_node.h"

namespace eider::server {

// Keeps a node at what the shared core database says: roles and keys at once, and whatever else `on_versions` does with
// new versions. Owned by the node, stopped before its parts.
class CoreFollower {
 public:
  struct Options {
    config::Config config;
    observe::Log& log;
    // Told of all versions whenever they were looked at, on the follower's thread; must not block.
    std::function<void(const cluster::CoreVersions&)> on_versions = {};
    // Told when roles, keys or auth settings may have changed, on the follower's thread; must not block.
    std::function<void()> on_permissions = {};
    // Told how long it took to take over what others have written, when they have, and whether it could be.
    std::function<void(std::chrono::nanoseconds, bool)> followed = {};
    // Told what other nodes say of kept results, and when it may have missed something; must not block.
    std::function<void(const std::string& payload)> on_cache = {};
    std::function<void()> on_cache_missed = {};
    // Told of announcements on other channels than those of versions.
    std::function<void(const cluster::CoreEvent&)> on_event = {};
  };

  // REQUIRES: `data` has a shared core database.
  CoreFollower(DataNode& data, Options options);
  ~CoreFollower();
  CoreFollower(const CoreFollower&) = delete;
  CoreFollower& operator=(const CoreFollower&) = delete;

  // Looks at the core database soon.
  void Nudge() { watch_->Nudge(); }
  bool connected() const { return watch_->connected(); }
  bool can_listen() const { return watch_->can_listen(); }
  // What the management node has announced, which has the core database in its memory; nothing otherwise. Any thread.
  void Hear(cluster::StoreNews news);

 private:
  std::unique_ptr<cluster::CoreWatch> MakeWatch();
  Status Follow(const cluster::CoreEvent& event);
  bool can_miss() const;

  DataNode& data_;
  const Options options_;
  std::int64_t permissions_ = 0;                               // The version that was seen last.
  std::atomic<const cluster::CoreWatch*> watching_ = nullptr;  // The same as below, once it is there.
  cluster::StoreWatcher* memory_watch_ = nullptr;              // The same; null unless it is one of memory.
  std::unique_ptr<cluster::CoreWatch> watch_;                  // Last: its thread uses the others.
};

}  // namespace eider::server
