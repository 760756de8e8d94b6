#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace eider::auth {

// Token buckets that several nodes share. Thread-safe; may wait for a server, for a bounded time.
class SharedBuckets {
 public:
  virtual ~SharedBuckets() = default;

  // Whether it is worth asking: false for a while after a failure.
  virtual bool IsUsable() const = 0;

  struct Taken {
    bool allowed = true;
    double left = 0;  // Tokens.
  };
  // Takes a token out of the bucket of `principal`, which holds `burst` and gets `per_minute` in a minute. Fails when
  // the server does.
  virtual Result<Taken> Take(std::string_view principal, double per_minute, double burst) = 0;

  // Learns where the server is. Called about once a second by a thread that may wait.
  virtual void Refresh() {}
};

}  // namespace eider::auth
