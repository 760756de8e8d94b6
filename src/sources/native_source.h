#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "async/pulse.h"
#include "base/circuit_breaker.h"
#include "engine/session_pool.h"

namespace eider::sources {

class HttpService;

// Marks a source whose connections the engine makes, so that whole requests are its calls.
class EngineConnects {
 public:
  EngineConnects() { ++live_; }
  ~EngineConnects() { --live_; }
  EngineConnects(const EngineConnects&) = delete;
  EngineConnects& operator=(const EngineConnects&) = delete;
  // How many there are in this process.
  static int live() { return live_; }

 private:
  static inline std::atomic<int> live_ = 0;
};

// What reaches a source past the engine: the own sessions of a database that plans and runs statements itself, or the
// calls of an HTTP source. Shared by the registry and whoever works with the source; what is on loan outlives it.
struct NativeSource {
  std::shared_ptr<engine::SessionPool> sessions;  // Null when it has none.
  std::shared_ptr<HttpService> http;              // Null for all but HTTP sources.
  std::shared_ptr<CircuitBreaker> breaker;        // Null where nobody counts what becomes of calls.
  std::function<bool()> is_back;                  // Whether the server takes connections; set where `breaker` is.
  std::shared_ptr<async::Pulse> pulse;            // Null for all but servers that may fall silent.
  // Set where requests are the calls that the breaker counts.
  std::shared_ptr<const EngineConnects> engine_connects;
};

// A request's call of a source that the engine connects.
struct EngineCall {
  std::shared_ptr<const NativeSource> source;  // Whose breaker it is.
  CircuitBreaker::Attempt attempt;
};

// What refusals call a source.
inline std::string BreakerName(const std::string& source) { return "data source \"" + source + "\""; }

}  // namespace eider::sources
