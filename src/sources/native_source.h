#pragma once

#include <memory>

#include "engine/session_pool.h"
#include "sources/circuit_breaker.h"

namespace eider::sources {

// The own sessions of a source whose database plans and runs statements itself. Shared by the registry and whoever
// works with the source; what is on loan outlives it.
struct NativeSource {
  std::shared_ptr<engine::SessionPool> sessions;
  std::shared_ptr<CircuitBreaker> breaker;
};

}  // namespace eider::sources
