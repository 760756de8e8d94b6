#include "cluster/store_watcher.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/deadline.h"
#include "base/random_time.h"

namespace eider::cluster {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstRetry{100};
constexpr milliseconds kLastRetry{4000};

milliseconds Jittered(milliseconds time) { return RandomTime(time * 3 / 4, time * 5 / 4); }

}  // namespace

StoreWatcher::StoreWatcher(CoreWatcherOptions options, std::function<StorePosition()> position)
    : options_(std::move(options)),
      position_(std::move(position)),
      thread_([this] { Run(); }) {}

StoreWatcher::~StoreWatcher() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  thread_.join();
}

void StoreWatcher::Hear(StoreNews news) {
  MutexLock lock(mutex_);
  news_.push_back(std::move(news));
  wake_.notify_all();
}

void StoreWatcher::Nudge() {
  MutexLock lock(mutex_);
  nudged_ = true;
  wake_.notify_all();
}

void StoreWatcher::Run() {
  milliseconds backoff{0};
  auto next_look = Deadline::Clock::now();
  while (true) {
    std::vector<StoreNews> news;
    bool is_time = false;
    {
      MutexLock lock(mutex_);
      while (!stopping_ && !nudged_ && news_.empty() && Deadline::Clock::now() < next_look) {
        wake_.wait_until(mutex_, next_look);
      }
      if (stopping_) return;
      is_time = std::exchange(nudged_, false) || Deadline::Clock::now() >= next_look;
      news.swap(news_);
    }
    for (const StoreNews& one : news) Deal(one);
    if (!is_time) continue;
    backoff = Look() ? milliseconds(0) : std::clamp(backoff * 2, kFirstRetry, kLastRetry);
    next_look = Deadline::Clock::now() + Jittered(backoff == milliseconds(0) ? options_.poll : backoff);
  }
}

Status StoreWatcher::Look() {
  Status done = options_.on_event({});
  if (!done) {
    connected_ = false;
    if (!std::exchange(warned_, true) && options_.warn) options_.warn(done.error().message);
    return done;
  }
  if (std::exchange(warned_, false) && options_.warn) options_.warn("the management node is reached again");
  if (!connected_.exchange(true)) {
    heard_ = owed_ = position_();
    Missed();
    return done;
  }
  LookForGaps();
  return done;
}

void StoreWatcher::LookForGaps() {
  // What was announced a moment ago may still be on its way; what was announced before the last look is not.
  const StorePosition now = position_();
  const bool is_other = heard_.store != now.store;
  if (is_other || (owed_.store == now.store && heard_.number < owed_.number)) {
    heard_ = is_other ? now : owed_;
    Missed();
  }
  owed_ = now;
}

void StoreWatcher::Deal(const StoreNews& news) {
  const auto count = static_cast<std::int64_t>(news.events.size());
  const std::int64_t before = news.position.number - count;
  const bool is_next = news.position.store == heard_.store && before <= heard_.number;
  if (!is_next) Missed();
  if (!is_next || news.position.number > heard_.number) heard_ = news.position;
  for (const CoreEvent& event : news.events) {
    if (!options_.on_event(event)) connected_ = false;
  }
  if (!connected_) Nudge();
}

void StoreWatcher::Missed() {
  if (options_.on_connect) options_.on_connect();
}

}  // namespace eider::cluster
