#include "cluster/core_watcher.h"

#include <poll.h>

#include <algorithm>

#include "base/random_time.h"
#include "base/text.h"
#include "postgres/pg_handles.h"

namespace eider::cluster {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kShortest{100};
constexpr milliseconds kLongest{4000};
constexpr milliseconds kAfterFailure{300};
constexpr milliseconds kWithoutListening{1600};  // At most 2 s, with its jitter.
constexpr std::chrono::seconds kConnectTime{3};
constexpr const char* kSelf = "eider_self";

milliseconds WithJitter(milliseconds time) { return RandomTime(time * 3 / 4, time * 5 / 4); }

struct FreeNotification {
  void operator()(PGnotify* notification) const { PQfreemem(notification); }
};

}  // namespace

CoreWatcher::CoreWatcher(const postgres::Dsn& dsn, CoreWatcherOptions options)
    : options_(std::move(options)),
      connection_(std::make_shared<postgres::PgDatabase>(dsn, false)),
      thread_([this] { Run(); }) {}

CoreWatcher::~CoreWatcher() {
  stopping_ = true;
  connection_.wake_up().Stop();
  {
    MutexLock lock(mutex_);
    wake_.notify_all();
  }
  thread_.join();
}

void CoreWatcher::Nudge() {
  // Connecting ends with a look anyway.
  if (connected_) connection_.wake_up().Stop();
}

void CoreWatcher::Run() {
  while (!stopping_) {
    if (!connected_) {
      if (const Status done = Connect(); !done) {
        if (backoff_ == milliseconds(0) && options_.warn) {
          options_.warn("the core database cannot be reached: " + done.error().message);
        }
        Pause();
        continue;
      }
      if (backoff_ != milliseconds(0) && options_.warn) options_.warn("the core database is reached again");
      backoff_ = milliseconds(0);
      connected_ = true;
      if (options_.on_connect) options_.on_connect();
      Look({});
    }
    if (!Turn()) connected_ = false;
  }
}

void CoreWatcher::Pause() {
  backoff_ = std::clamp(backoff_ * 2, kShortest, kLongest);
  MutexLock lock(mutex_);
  if (!stopping_) wake_.wait_for(mutex_, WithJitter(backoff_));
}

Status CoreWatcher::Connect() {
  connection_.wake_up().Begin();
  if (stopping_) return Error(ErrorCode::kCancelled, "stopping");
  const engine::Limits limits{Deadline::After(kConnectTime), {}};
  EIDER_RETURN_IF_ERROR(connection_.Connect(limits));
  std::string sql = std::string("LISTEN ") + kSelf;
  for (const std::string& channel : options_.channels) sql.append("; LISTEN ").append(QuoteIdentifier(channel));
  EIDER_RETURN_IF_ERROR(connection_.Flush(PQsendQuery(connection_.raw(), sql.c_str()), limits));
  EIDER_RETURN_IF_ERROR(connection_.Finish(limits));
  return TestListening();
}

// A pooler that lends its sessions to others takes LISTEN and never delivers anything.
Status CoreWatcher::TestListening() {
  const engine::Limits limits{Deadline::After(kConnectTime), {}};
  const std::string sql = std::string("SELECT pg_notify('") + kSelf + "', '')";
  EIDER_RETURN_IF_ERROR(connection_.Flush(PQsendQuery(connection_.raw(), sql.c_str()), limits));
  EIDER_RETURN_IF_ERROR(connection_.Finish(limits));
  const Deadline patience = Deadline::After(std::chrono::seconds(1));
  bool heard = false;
  while (!heard && !patience.Passed()) {
    const std::unique_ptr<PGnotify, FreeNotification> notification(PQnotifies(connection_.raw()));
    if (notification != nullptr) {
      heard = true;
      continue;
    }
    (void)connection_.wake_up().Wait(PQsocket(connection_.raw()), POLLIN, {patience, {}});
    if (PQconsumeInput(connection_.raw()) != 1) return Error(ErrorCode::kSourceUnavailable, "connection lost");
  }
  if (!heard && can_listen_ && options_.warn) {
    options_.warn("the core database delivers no notifications, as behind a pooler: it is asked every 2 s instead");
  }
  can_listen_ = heard;
  return {};
}

Status CoreWatcher::Turn() {
  Status waited = connection_.wake_up().Wait(PQsocket(connection_.raw()), POLLIN, {next_look_, {}});
  if (stopping_) return {};
  if (!waited) {
    // Time for a look, or a nudge.
    connection_.wake_up().Begin();
    if (PQstatus(connection_.raw()) != CONNECTION_OK) return waited;
    Look({});
    return {};
  }
  EIDER_ASSIGN_OR_RETURN(const auto events, Received());
  for (const CoreEvent& event : events) Look(event);
  return {};
}

Result<std::vector<CoreEvent>> CoreWatcher::Received() {
  if (PQconsumeInput(connection_.raw()) != 1) {
    connection_.GiveUp();
    return Error(ErrorCode::kSourceUnavailable, "connection lost");
  }
  std::vector<CoreEvent> events;
  while (true) {
    const std::unique_ptr<PGnotify, FreeNotification> notification(PQnotifies(connection_.raw()));
    if (notification == nullptr) return events;
    events.push_back({notification->relname, notification->extra});
  }
}

void CoreWatcher::Look(const CoreEvent& event) {
  const Status done = options_.on_event(event);
  if (!done) {
    next_look_ = Deadline::After(kAfterFailure);
    return;
  }
  if (!event.channel.empty()) return;
  const milliseconds pause = can_listen_ ? options_.poll : std::min(options_.poll, kWithoutListening);
  next_look_ = Deadline::After(WithJitter(pause));
}

}  // namespace eider::cluster
