#pragma once

#include <cstdint>
#include <optional>

#include "base/deadline.h"
#include "base/error.h"
#include "base/stop_token.h"

namespace eider::jq {

// What one run may use. Counts on the thread that it was made on, where every value of the run lives and dies; code
// that may take long asks Spend() and returns early when it says no.
class Budget {
 public:
  struct Limits {
    Deadline deadline = Deadline::Never();
    StopToken stop;
    std::int64_t max_bytes = std::int64_t{256} << 20;
  };

  explicit Budget(Limits limits);
  ~Budget();
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  // Notes one step; false when the run must end.
  static bool Spend();
  // Notes memory that is taken or, for a negative number, given back.
  static void Use(std::int64_t bytes);
  // Whether `bytes` more can be taken; if not, the run must end.
  static bool HasRoom(std::int64_t bytes);
  // Ends the run.
  static void Exhaust(ErrorCode code, const char* why);
  // Why the run must end.
  static const Error* exhausted();

 private:
  bool Check();

  static thread_local Budget* current;

  const Limits limits_;
  std::int64_t bytes_ = 0;
  std::uint32_t steps_ = 0;
  std::optional<Error> exhausted_;
  Budget* const outer_;
};

}  // namespace eider::jq
