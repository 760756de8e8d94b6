#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/core_store.h"

namespace eider::cluster {

// A store for tests that is another one but for what they override.
class ForwardingStore : public CoreStore {
 public:
  // `store` outlives this.
  explicit ForwardingStore(CoreStore& store) : store_(store) {}

  std::string Table(std::string_view name) const override { return store_.Table(name); }
  Result<std::vector<engine::TextRow>> Read(std::string_view sql, const engine::Parameters& parameters,
                                            const Deadline& deadline) override {
    return store_.Read(sql, parameters, deadline);
  }
  Result<std::int64_t> Change(std::string_view sql, const engine::Parameters& parameters,
                              const Deadline& deadline) override {
    return store_.Change(sql, parameters, deadline);
  }
  Status Apply(const CoreChange& change, const Deadline& deadline) override { return store_.Apply(change, deadline); }
  std::string Announce(std::string_view channel, std::string_view payload) const override {
    return store_.Announce(channel, payload);
  }
  std::string CountUp(std::string_view version) const override { return store_.CountUp(version); }
  Result<CoreVersions> Versions(const Deadline& deadline) override { return store_.Versions(deadline); }
  Result<std::chrono::microseconds> ClockOffset(const Deadline& deadline) override {
    return store_.ClockOffset(deadline);
  }
  Deadline::Clock::time_point last_answer() const override { return store_.last_answer(); }
  std::int64_t outages() const override { return store_.outages(); }

 private:
  CoreStore& store_;
};

}  // namespace eider::cluster
