#pragma once

#include <functional>
#include <memory>
#include <string>

#include "async/pulse.h"
#include "base/circuit_breaker.h"
#include "engine/session_pool.h"

namespace eider::sources {

class HttpService;

// What reaches a source past the engine: the own sessions of a database that plans and runs statements itself, or the
// calls of an HTTP source. Shared by the registry and whoever works with the source; what is on loan outlives it.
struct NativeSource {
  std::shared_ptr<engine::SessionPool> sessions;  // Null when it has none.
  std::shared_ptr<HttpService> http;              // Null for all but HTTP sources.
  std::shared_ptr<CircuitBreaker> breaker;        // Null where the engine alone makes connections.
  std::function<bool()> is_back;                  // Whether the server takes connections; set where `breaker` is.
  std::shared_ptr<async::Pulse> pulse;            // Null for all but servers that may fall silent.
};

// What refusals call a source.
inline std::string BreakerName(const std::string& source) { return "data source \"" + source + "\""; }

}  // namespace eider::sources
