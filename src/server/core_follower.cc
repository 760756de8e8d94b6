#include "server/core_follower.h"

#include <algorithm>

#include "cluster/membership.h"

namespace eider::server {

CoreFollower::CoreFollower(DataNode& data, Options options)
    : data_(data),
      options_(std::move(options)),
      watcher_(data.store()->dsn(),
               {.channels = {"eider_schema", "eider_perm", "eider_rows", "eider_secret", "eider_cache", "eider_lease",
                             std::string(cluster::kMembersChannel)},
                .poll = std::min(options_.config.cluster_poll_interval, options_.config.permission_poll_interval),
                .on_event = [this](const cluster::CoreEvent& event) { return Follow(event); },
                .warn = [this](std::string_view warning) { options_.log.Warn(warning); }}) {}

Status CoreFollower::Follow(const cluster::CoreEvent& event) {
  EIDER_RETURN_IF_ERROR(data_.AdoptStore());
  EIDER_ASSIGN_OR_RETURN(const cluster::CoreVersions versions,
                         data_.store()->Versions(Deadline::After(cluster::CoreStore::kPatience)));
  const auto started = Deadline::Clock::now();
  const auto followed = data_.FollowCore(versions);
  if (options_.followed && (!followed || *followed)) {
    options_.followed(Deadline::Clock::now() - started, followed.has_value());
  }
  if (!followed) return followed.error();
  if (event.channel.empty()) EIDER_RETURN_IF_ERROR(data_.LookAtCoreKey());
  data_.KeepSnapshot();
  if (options_.on_versions) options_.on_versions(versions);
  if (options_.on_event && !event.channel.empty()) options_.on_event(event);
  return {};
}

}  // namespace eider::server
