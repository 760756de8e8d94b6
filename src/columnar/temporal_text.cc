#include "columnar/temporal_text.h"

#include <charconv>
#include <cstring>

namespace eider::columnar {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;

char* WriteTwo(unsigned value, char* to) {
  static constexpr char kPairs[] =
      "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
      "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
  std::memcpy(to, kPairs + value * 2, 2);
  return to + 2;
}

struct Civil {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

// The proleptic Gregorian date, counted in 400-year eras that start on March 1st.
Civil CivilFromDays(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146'097);
  const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted = (5 * day_of_year + 2) / 153;
  const unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0), month,
          day_of_year - (153 * shifted + 2) / 5 + 1};
}

char* WriteYear(std::int64_t year, char* to) {
  if (year >= 0 && year <= 9999) {
    to = WriteTwo(static_cast<unsigned>(year) / 100, to);
    return WriteTwo(static_cast<unsigned>(year) % 100, to);
  }
  if (year < 0) {
    *to++ = '-';
    year = -year;
  }
  for (std::int64_t limit = 1000; limit > year; limit /= 10) *to++ = '0';
  return std::to_chars(to, to + 20, year).ptr;
}

char* WriteClock(unsigned seconds, char* to) {
  to = WriteTwo(seconds / 3600, to);
  *to++ = ':';
  to = WriteTwo(seconds / 60 % 60, to);
  *to++ = ':';
  return WriteTwo(seconds % 60, to);
}

char* WriteNine(std::int64_t nanos, char* to) {
  auto rest = static_cast<unsigned>(nanos);
  for (int i = 8; i >= 0; --i) {
    to[i] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  }
  return to + 9;
}

// "." and the digits without trailing zeros; nothing for zero.
char* WriteFraction(std::int64_t nanos, char* to) {
  if (nanos == 0) return to;
  *to++ = '.';
  to = WriteNine(nanos, to);
  while (to[-1] == '0') --to;
  return to;
}

char* WriteUnit(std::int64_t value, char unit, char* to) {
  if (value == 0) return to;
  to = std::to_chars(to, to + 24, value).ptr;
  *to++ = unit;
  return to;
}

}  // namespace

char* WriteDate(std::int64_t days, char* to) {
  const Civil civil = CivilFromDays(days);
  to = WriteYear(civil.year, to);
  *to++ = '-';
  to = WriteTwo(civil.month, to);
  *to++ = '-';
  return WriteTwo(civil.day, to);
}

char* WriteTime(std::int64_t seconds, std::int64_t nanos, char* to) {
  to = WriteClock(static_cast<unsigned>(seconds), to);
  *to++ = '.';
  return WriteNine(nanos, to);
}

char* WriteTimestamp(std::int64_t seconds, std::int64_t nanos, int offset, char* to) {
  const int minutes = offset / 60;
  seconds += minutes * 60;
  std::int64_t days = seconds / kSecondsPerDay;
  std::int64_t second_of_day = seconds % kSecondsPerDay;
  if (second_of_day < 0) {
    second_of_day += kSecondsPerDay;
    --days;
  }
  to = WriteDate(days, to);
  *to++ = 'T';
  to = WriteClock(static_cast<unsigned>(second_of_day), to);
  to = WriteFraction(nanos, to);
  if (minutes == 0) {
    *to++ = 'Z';
    return to;
  }
  const auto size = static_cast<unsigned>(minutes < 0 ? -minutes : minutes);
  *to++ = minutes < 0 ? '-' : '+';
  to = WriteTwo(size / 60, to);
  *to++ = ':';
  return WriteTwo(size % 60, to);
}

char* WriteInterval(std::int64_t months, std::int64_t days, std::int64_t nanos, char* to) {
  char* const start = to;
  *to++ = 'P';
  to = WriteUnit(months, 'M', to);
  to = WriteUnit(days, 'D', to);
  if (nanos == 0) {
    if (to != start + 1) return to;
    std::memcpy(to, "T0S", 3);
    return to + 3;
  }
  *to++ = 'T';
  const std::int64_t seconds = nanos / 1'000'000'000;
  const std::int64_t rest = nanos % 1'000'000'000;
  to = WriteUnit(seconds / 3600, 'H', to);
  to = WriteUnit(seconds / 60 % 60, 'M', to);
  if (seconds % 60 == 0 && rest == 0) return to;
  if (nanos < 0) *to++ = '-';
  const std::int64_t size = seconds % 60 < 0 ? -(seconds % 60) : seconds % 60;
  to = std::to_chars(to, to + 4, size).ptr;
  to = WriteFraction(rest < 0 ? -rest : rest, to);
  *to++ = 'S';
  return to;
}

}  // namespace eider::columnar
