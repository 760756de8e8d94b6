#include "base/random_time.h"

#include <cstdint>
#include <random>

namespace eider {

std::chrono::milliseconds RandomTime(std::chrono::milliseconds least, std::chrono::milliseconds most) {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(least.count(), most.count())(random));
}

}  // namespace eider
