#include "server/core_follower.h"

#include <algorithm>
#include <utility>

#include "cluster/membership.h"
#include "server/cache_announcer.h"

namespace eider::server {

CoreFollower::CoreFollower(DataNode& data, Options options)
    : data_(data),
      options_(std::move(options)),
      watch_(MakeWatch()) {
  watching_ = watch_.get();
  if (data_.remote_store() == nullptr) return;
  data_.remote_store()->set_listener([watch = watch_.get()] { watch->Nudge(); });
}

CoreFollower::~CoreFollower() {
  if (data_.remote_store() != nullptr) data_.remote_store()->set_listener({});
}

std::unique_ptr<cluster::CoreWatch> CoreFollower::MakeWatch() {
  cluster::CoreWatcherOptions watch{
      .channels = {"eider_schema", "eider_perm", "eider_rows", "eider_secret", std::string(CacheAnnouncer::kChannel),
                   "eider_lease", std::string(cluster::kMembersChannel)},
      .poll = std::min(options_.config.cluster_poll_interval, options_.config.permission_poll_interval),
      .on_event = [this](const cluster::CoreEvent& event) { return Follow(event); },
      .on_connect =
          [this] {
            if (options_.on_cache_missed) options_.on_cache_missed();
          },
      .warn = [this](std::string_view warning) { options_.log.Warn(warning); }};
  if (data_.pg_store() != nullptr) {
    return std::make_unique<cluster::CoreWatcher>(data_.pg_store()->dsn(), std::move(watch));
  }
  auto memory = std::make_unique<cluster::StoreWatcher>(std::move(watch), [this] {
    return data_.memory_store() != nullptr ? data_.memory_store()->position() : data_.remote_store()->position();
  });
  memory_watch_ = memory.get();
  return memory;
}

void CoreFollower::Hear(cluster::StoreNews news) {
  if (memory_watch_ != nullptr) memory_watch_->Hear(std::move(news));
}

bool CoreFollower::can_miss() const {
  const cluster::CoreWatch* const watch = watching_;
  return watch != nullptr && !watch->can_listen();
}

Status CoreFollower::Follow(const cluster::CoreEvent& event) {
  // First, and whatever becomes of the rest: nobody says it twice.
  if (event.channel == CacheAnnouncer::kChannel) {
    if (options_.on_cache) options_.on_cache(event.payload);
    return {};
  }
  if (event.channel.empty() && can_miss() && options_.on_cache_missed) options_.on_cache_missed();
  EIDER_RETURN_IF_ERROR(data_.AdoptStore());
  EIDER_ASSIGN_OR_RETURN(const cluster::CoreVersions versions,
                         data_.store()->Versions(Deadline::After(cluster::CoreStore::kPatience)));
  const auto started = Deadline::Clock::now();
  const auto followed = data_.FollowCore(versions);
  if (options_.followed && (!followed || *followed)) {
    options_.followed(Deadline::Clock::now() - started, followed.has_value());
  }
  if (!followed) return followed.error();
  if (versions.permission != permissions_ && options_.on_permissions) options_.on_permissions();
  permissions_ = versions.permission;
  if (event.channel.empty()) EIDER_RETURN_IF_ERROR(data_.LookAtCoreKey());
  data_.KeepSnapshot();
  if (options_.on_versions) options_.on_versions(versions);
  if (options_.on_event && !event.channel.empty()) options_.on_event(event);
  return {};
}

}  // namespace eider::server
