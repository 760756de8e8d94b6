#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "cluster/core_store.h"
#include "cluster/link/peer_calls.h"
#include "cluster/store_call.h"

namespace eider::cluster {

// The core database of a worker whose core is only read: every call is a signed one of the management node, which has
// it in its memory. Without its answer calls fail with kCoreUnavailable, and with kUnauthenticated when it does not
// take this node for one of its own. Thread-safe.
class RemoteCoreStore final : public CoreStore {
 public:
  // `url` is where the management node is reached; `peers` outlives the store.
  RemoteCoreStore(PeerCalls& peers, std::string url) : peers_(peers), url_(std::move(url)) {}

  using CoreStore::Apply;
  using CoreStore::Change;
  using CoreStore::Read;

  std::string Table(std::string_view name) const override { return MemoryCoreStore::TableName(name); }
  Result<std::vector<engine::TextRow>> Read(std::string_view sql, const engine::Parameters& parameters,
                                            const Deadline& deadline) override;
  Result<std::int64_t> Change(std::string_view sql, const engine::Parameters& parameters,
                              const Deadline& deadline) override;
  Status Apply(const CoreChange& change, const Deadline& deadline) override;
  std::string Announce(std::string_view channel, std::string_view payload) const override {
    return MemoryCoreStore::AnnounceSql(channel, payload);
  }
  std::string CountUp(std::string_view version) const override { return MemoryCoreStore::CountUpSql(version); }
  Result<CoreVersions> Versions(const Deadline& deadline) override;
  Result<std::chrono::microseconds> ClockOffset(const Deadline& deadline) override;
  Deadline::Clock::time_point last_answer() const override { return last_answer_.load(); }

  // How much the management node had announced when it answered last.
  StorePosition position() const;

  // `listener` is told when the management node answers that has begun anew, by whoever asks; it must not block and not
  // call the store. Empty = nobody is.
  void set_listener(std::function<void()> listener);

 private:
  Result<StoreAnswer> Ask(const std::string& call, const Deadline& deadline);

  PeerCalls& peers_;
  const std::string url_;
  std::atomic<Deadline::Clock::time_point> last_answer_{Deadline::Clock::now()};
  mutable Mutex mutex_;
  StorePosition position_ GUARDED_BY(mutex_);
  std::function<void()> listener_ GUARDED_BY(mutex_);
  CoreVersions seen_ GUARDED_BY(mutex_);
  std::string seen_store_ GUARDED_BY(mutex_);  // Where the last of them were.
};

}  // namespace eider::cluster
