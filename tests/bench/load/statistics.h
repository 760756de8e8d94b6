#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace eider::bench {

using Clock = std::chrono::steady_clock;

// Durations of one run; the caller's thread only.
class Latencies {
 public:
  void Add(Clock::duration duration) { values_.push_back(std::chrono::duration<double, std::micro>(duration).count()); }
  void Add(const Latencies& other) { values_.insert(values_.end(), other.values_.begin(), other.values_.end()); }
  std::size_t count() const { return values_.size(); }

  // Microseconds at `share` (0 to 1) of the sorted durations; 0 when there are none.
  double Percentile(double share) {
    if (values_.empty()) return 0;
    const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values_.size() - 1));
    std::nth_element(values_.begin(), values_.begin() + at, values_.end());
    return values_[static_cast<std::size_t>(at)];
  }

 private:
  std::vector<double> values_;
};

// A small fast generator of numbers that need no quality (xorshift64*).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ull + 1) {}
  std::uint64_t Below(std::uint64_t bound) {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return (state_ * 0x2545F4914F6CDD1Dull >> 16) % bound;
  }

 private:
  std::uint64_t state_;
};

}  // namespace eider::bench
