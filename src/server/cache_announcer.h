#pragma once

#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "cache/result_cache.h"
#include "cluster/core_store.h"

namespace eider::server {

// Tells the other nodes, over the core database, which kept results are no longer true, and hears it from them. What
// cannot be told is kept and told later. Owned by the node; the cache and the store outlive it. Thread-safe.
class CacheAnnouncer {
 public:
  static constexpr std::string_view kChannel = "eider_cache";

  CacheAnnouncer(cluster::CoreStore& store, cache::ResultCache& cache);
  ~CacheAnnouncer();
  CacheAnnouncer(const CacheAnnouncer&) = delete;
  CacheAnnouncer& operator=(const CacheAnnouncer&) = delete;

  // What a node has announced. Anything that cannot be read stands for everything.
  void OnAnnounced(const std::string& payload);

  // Announcements may have been missed: nothing that is kept in memory is believed any more.
  void OnMissed() { cache_.HearAll(); }

 private:
  // Adds to what is to be told; an empty list is everything.
  void Note(const std::vector<std::string>& tags);
  void Run();
  // The statements that tell about `tags`.
  std::vector<std::string> Statements(const std::set<std::string>& tags, bool all) const;

  cluster::CoreStore& store_;
  cache::ResultCache& cache_;
  const std::string self_;  // Tells this process's announcements.
  Mutex mutex_;
  CondVar wake_;
  std::set<std::string> tags_ GUARDED_BY(mutex_);
  bool all_ GUARDED_BY(mutex_) = false;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace eider::server
