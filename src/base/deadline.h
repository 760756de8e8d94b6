#pragma once

#include <chrono>
#include <optional>

namespace eider {

// A point in time after which a wait gives up. Copyable value; steady clock.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  // A deadline that never passes.
  static Deadline Never() { return Deadline(); }

  // A deadline `duration` from now.
  static Deadline After(std::chrono::nanoseconds duration) {
    Deadline deadline;
    deadline.at_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(duration);
    return deadline;
  }

  bool never() const { return !at_.has_value(); }
  bool Passed() const { return at_.has_value() && Clock::now() >= *at_; }

  // The instant, or the far future when there is none.
  Clock::time_point at() const { return at_.value_or(Clock::time_point::max()); }

  // The time left, at least zero; a day when the deadline never passes.
  Clock::duration Remaining() const {
    if (!at_) return std::chrono::hours(24);
    const auto left = *at_ - Clock::now();
    return left.count() > 0 ? left : Clock::duration::zero();
  }

 private:
  std::optional<Clock::time_point> at_;
};

}  // namespace eider
