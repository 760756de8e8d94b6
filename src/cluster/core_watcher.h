#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "cluster/core_store.h"
#include "cluster/core_watch.h"
#include "postgres/dsn.h"
#include "postgres/pg_connection.h"

namespace eider::cluster {

struct CoreWatcherOptions {
  std::vector<std::string> channels;
  std::chrono::milliseconds poll{30'000};
  // Looks at what was announced, on the watcher's thread; called soon again after a failure.
  std::function<Status(const CoreEvent&)> on_event;
  // Told that it is connected, also again: announcements may have been missed before. On the watcher's thread.
  std::function<void()> on_connect = {};
  // Told in words when connecting fails, when it works again, and when nothing can be listened to.
  std::function<void(std::string_view)> warn;
};

// Follows the core database over one connection of its own: what other nodes announce, and in any case a look every so
// often. Connects again for ever. Owned by the composition root.
class CoreWatcher final : public CoreWatch {
 public:
  CoreWatcher(const postgres::Dsn& dsn, CoreWatcherOptions options);
  // Waits for a running on_event() to end.
  ~CoreWatcher() override;
  CoreWatcher(const CoreWatcher&) = delete;
  CoreWatcher& operator=(const CoreWatcher&) = delete;

  void Nudge() override;
  bool connected() const override { return connected_; }
  // False behind a pooler that shares sessions.
  bool can_listen() const override { return can_listen_; }

 private:
  void Run();
  Status Connect();
  Status TestListening();
  // Waits for an announcement, the next look or a nudge, and deals with it. Fails when the connection is lost.
  Status Turn();
  Result<std::vector<CoreEvent>> Received();
  void Look(const CoreEvent& event);
  void Pause();

  const CoreWatcherOptions options_;
  postgres::PgConnection connection_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> connected_ = false;
  std::atomic<bool> can_listen_ = true;
  std::chrono::milliseconds backoff_{0};
  Deadline next_look_ = Deadline::After(std::chrono::seconds(0));
  Mutex mutex_;
  CondVar wake_;
  std::thread thread_;
};

}  // namespace eider::cluster
