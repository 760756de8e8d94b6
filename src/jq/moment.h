#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace eider::columnar {
class TimeZone;
}

namespace eider::jq {

// A moment with the offset that it is looked at with.
struct Moment {
  std::int64_t seconds = 0;  // Since 1970 in UTC.
  std::int64_t nanos = 0;    // 0 to 999,999,999.
  int offset = 0;            // Seconds east of Greenwich.
};

// What the calendar shows at a moment.
struct CalendarDay {
  std::int64_t year = 1970;
  int month = 1;
  int day = 1;
  int weekday = 1;  // 1 = Monday … 7.
  int year_day = 1;
  int second_of_day = 0;
};

CalendarDay CalendarOf(const Moment& moment);

// Days from 1970-01-01 to that day.
std::int64_t DaysTo(std::int64_t year, int month, int day);

// Reads RFC 3339 text; a day alone is its midnight, and without an offset `zone` (null = UTC) decides. False when it is
// no such text.
bool ReadMoment(std::string_view text, const columnar::TimeZone* zone, Moment* moment);

// The offset of `zone` (null = UTC) at a moment.
int OffsetAt(const columnar::TimeZone* zone, std::int64_t seconds);

// The moment at which the clocks of `zone` show `local` seconds since 1970.
std::int64_t FromLocal(const columnar::TimeZone* zone, std::int64_t local);

// RFC 3339, with as many digits of the second as are needed.
std::string WriteMoment(const Moment& moment);

// Reads "1h30m", "-15m", "2d" and the like as nanoseconds; false when it is no duration or too long.
bool ReadDuration(std::string_view text, std::int64_t* nanos);

}  // namespace eider::jq
