#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "cache/result_store.h"
#include "observe/metrics.h"

namespace eider::cache {

// How long calls take, by kind; null = nobody wants to know.
struct StoreTimes {
  observe::Histogram* get = nullptr;
  observe::Histogram* set = nullptr;
  observe::Histogram* erase = nullptr;
  observe::Histogram* bump = nullptr;
  observe::Histogram* lock = nullptr;
};

// `store` with a clock beside it.
std::unique_ptr<ResultStore> Timed(std::unique_ptr<ResultStore> store, const StoreTimes& times);

}  // namespace eider::cache
