#pragma once

#include <cstdint>

namespace eider::query {

// How long the steps of one root field took, in nanoseconds.
struct FieldTimes {
  bool wanted = false;  // By @stats.
  std::int64_t plan_ns = 0;
  std::int64_t compile_ns = 0;
  std::int64_t execute_ns = 0;
};

}  // namespace eider::query
