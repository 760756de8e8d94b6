#pragma once

#include <cstddef>
#include <cstdint>

namespace eider::columnar {

// What the longest date, time, timestamp or interval takes, without quotes.
inline constexpr std::size_t kTemporalRoom = 96;

// A number of `per_second` parts since an epoch, split without overflow.
struct Split {
  std::int64_t seconds;
  std::int64_t nanos;  // 0 to 999,999,999.
};
inline Split SplitSeconds(std::int64_t value, std::int64_t per_second) {
  std::int64_t seconds = value / per_second;
  std::int64_t rest = value % per_second;
  if (rest < 0) {
    rest += per_second;
    --seconds;
  }
  return {seconds, rest * (1'000'000'000 / per_second)};
}

// Each writes to `to`, which has kTemporalRoom bytes, and returns the end.

// "YYYY-MM-DD"; years before 1 and after 9999 as ISO-8601 counts them.
char* WriteDate(std::int64_t days, char* to);

// "HH:MM:SS.nnnnnnnnn".
char* WriteTime(std::int64_t seconds, std::int64_t nanos, char* to);

// RFC 3339: the instant `seconds` and `nanos` after 1970 in UTC, as the wall clock `offset` seconds east shows it. The
// offset is printed in minutes, so seconds of historic offsets are dropped from both.
char* WriteTimestamp(std::int64_t seconds, std::int64_t nanos, int offset, char* to);

// ISO-8601 duration.
char* WriteInterval(std::int64_t months, std::int64_t days, std::int64_t nanos, char* to);

}  // namespace eider::columnar
