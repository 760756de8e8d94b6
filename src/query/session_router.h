#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/session_pool.h"
#include "sources/native_source.h"

namespace eider::query {

// Finds the sessions that a statement runs on: those of the embedded engine, or those of a source whose database runs
// statements itself. Thread-safe; the engine's pool outlives it.
class SessionRouter {
 public:
  // The own sessions of a source; null for one that the engine runs.
  using FindNative = std::function<std::shared_ptr<engine::SessionPool>(std::string_view source)>;

  // Tells which source does not answer at present, and why.
  struct Silence {
    std::function<bool()> any;  // Whether there is one at all; asked for every request.
    std::function<Status(std::string_view source)> check;
  };

  // Requests as calls of the sources that the engine connects, for their circuit breakers.
  struct Calls {
    std::function<bool()> any;  // Whether there is such a source at all; asked for every request.
    std::function<bool(std::string_view source)> is_called;
    std::function<Result<std::optional<sources::EngineCall>>(std::string_view source)> begin;
  };

  explicit SessionRouter(engine::SessionPool& engine, FindNative native = nullptr, Silence silence = {},
                         Calls calls = {})
      : engine_(engine),
        native_(std::move(native)),
        silence_(std::move(silence)),
        calls_(std::move(calls)) {}

  // Whether a request of some source is such a call.
  bool has_calls() const { return calls_.any && calls_.any(); }
  // The same for one of `sources`.
  bool IsCall(const std::vector<std::string>& sources) const {
    return std::ranges::any_of(sources, [&](const std::string& source) { return calls_.is_called(source); });
  }
  // Begins the calls of those of `sources` that are called so. Fails with kSourceCircuitOpen.
  Result<std::vector<sources::EngineCall>> BeginCalls(const std::vector<std::string>& sources) const {
    std::vector<sources::EngineCall> begun;
    for (const std::string& source : sources) {
      EIDER_ASSIGN_OR_RETURN(auto call, calls_.begin(source));
      if (call) begun.push_back(std::move(*call));
    }
    return begun;
  }

  // Whether a source is known not to answer.
  bool is_any_silent() const { return silence_.any && silence_.any(); }
  // Fails with kSourceUnavailable when that is one of `sources`.
  Status CheckSilence(const std::vector<std::string>& sources) const {
    for (const std::string& source : sources) EIDER_RETURN_IF_ERROR(silence_.check(source));
    return {};
  }

  // Takes a session for a plan of `source` (Plan::source): the engine's for an empty name. Fails with
  // kSourceUnavailable when that source has no sessions any more.
  Result<engine::SessionPool::Lease> ForPlan(const std::string& source, const engine::Limits& limits) const {
    if (source.empty()) return engine_.Acquire(limits);
    const auto native = Native(source);
    if (native == nullptr) {
      return Error(ErrorCode::kSourceUnavailable, "data source is not attached any more: " + source);
    }
    return native->Acquire(limits);
  }

  // Takes a session for changes of `source`: its own when it has some, else the engine's.
  Result<engine::SessionPool::Lease> ForChanges(const std::string& source, const engine::Limits& limits) const {
    const auto native = Native(source);
    return native == nullptr ? engine_.Acquire(limits) : native->Acquire(limits);
  }

 private:
  std::shared_ptr<engine::SessionPool> Native(const std::string& source) const {
    return native_ ? native_(source) : nullptr;
  }

  engine::SessionPool& engine_;
  const FindNative native_;
  const Silence silence_;
  const Calls calls_;
};

}  // namespace eider::query
