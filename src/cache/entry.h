#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "cache/key.h"
#include "cache/tags.h"

namespace eider::cache {

using Clock = std::chrono::steady_clock;

// What a computation gives: the JSON text of one root field.
struct Computed {
  std::string json;
  bool truncated = false;  // Rows were cut by the default limit.
};

// A result with its life. Immutable and shared: a reader keeps it alive after it was evicted.
struct Entry {
  Computed result;
  TagStamps tags;
  Clock::time_point stored;
  Clock::time_point expires = Clock::time_point::max();

  bool IsFresh(Clock::time_point now) const { return now < expires && tags.AreCurrent(); }
};

using EntryPtr = std::shared_ptr<const Entry>;

}  // namespace eider::cache
