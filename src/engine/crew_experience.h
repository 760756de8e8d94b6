#pragma once

#include <chrono>

namespace eider::engine {

// What the earlier runs of a prepared statement teach about help from the worker crew. Not thread-safe.
class CrewExperience {
 public:
  // Whether the next run should have the crew from its start.
  bool CallsForHelp() const { return state_ == State::kTry || state_ == State::kHelps; }

  // Notes a run that took `elapsed`, whether the crew was there from its start and did any task.
  void Learn(std::chrono::nanoseconds elapsed, bool joined, bool helped) {
    // A shorter statement would rather pay for waking a thread than gain by it.
    constexpr std::chrono::microseconds kWorthHelp{500};
    if (elapsed < kWorthHelp) {
      state_ = State::kShort;
    } else if (joined && helped) {
      state_ = State::kHelps;
      missed_ = 0;
    } else if (joined) {
      // The crew may be late once, or counts its last task only after the statement's end.
      if (state_ != State::kHelps || ++missed_ >= kPatience) state_ = State::kAlone;
    } else if (state_ == State::kShort || (state_ == State::kAlone && ++runs_alone_ % kRetryAfter == 0)) {
      state_ = State::kTry;
    }
  }

 private:
  enum class State { kShort, kTry, kHelps, kAlone };
  // The crew may have come late to the first try, on a busy machine.
  static constexpr int kRetryAfter = 32;
  // Runs in a row without help before a statement that was helped is left alone.
  static constexpr int kPatience = 8;
  State state_ = State::kShort;
  int missed_ = 0;
  int runs_alone_ = 0;
};

}  // namespace eider::engine
