#include "jq/moment.h"

#include <charconv>
#include <cmath>

#include "columnar/json_encoder.h"
#include "columnar/temporal_text.h"

namespace eider::jq {
namespace {

constexpr std::int64_t kDay = 86'400;

// Takes exactly `count` digits off `text`; false when there are fewer.
bool TakeDigits(std::string_view& text, std::size_t count, int* value) {
  if (text.size() < count) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + count, *value);
  if (error != std::errc() || end != text.data() + count || text[0] == '-') return false;
  text.remove_prefix(count);
  return true;
}

bool TakeChar(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool TakeFraction(std::string_view& text, std::int64_t* nanos) {
  std::int64_t unit = 100'000'000;
  std::size_t digits = 0;
  for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), ++digits, unit /= 10) {
    *nanos += (text[0] - '0') * unit;
  }
  return digits > 0;
}

bool TakeOffset(std::string_view& text, int* offset) {
  if (TakeChar(text, 'Z') || TakeChar(text, 'z')) return true;
  const bool west = text.starts_with('-');
  if (!west && !text.starts_with('+')) return false;
  text.remove_prefix(1);
  int hours = 0;
  int minutes = 0;
  if (!TakeDigits(text, 2, &hours)) return false;
  (void)TakeChar(text, ':');
  if (!text.empty() && !TakeDigits(text, 2, &minutes)) return false;
  *offset = (hours * 60 + minutes) * 60 * (west ? -1 : 1);
  return hours <= 23 && minutes <= 59;
}

bool IsLeap(std::int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int DaysIn(std::int64_t year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[month - 1];
}

}  // namespace

std::int64_t DaysTo(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
}

CalendarDay CalendarOf(const Moment& moment) {
  const std::int64_t local = moment.seconds + moment.offset;
  std::int64_t days = local / kDay;
  if (local % kDay < 0) --days;
  CalendarDay calendar;
  calendar.second_of_day = static_cast<int>(local - days * kDay);
  calendar.weekday = static_cast<int>(((days + 3) % 7 + 7) % 7) + 1;
  const std::int64_t shifted = days + 719'468;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const std::int64_t day_of_era = shifted - era * 146'097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t part = (5 * day_of_year + 2) / 153;
  calendar.day = static_cast<int>(day_of_year - (153 * part + 2) / 5 + 1);
  calendar.month = static_cast<int>(part < 10 ? part + 3 : part - 9);
  calendar.year = year_of_era + era * 400 + (calendar.month <= 2 ? 1 : 0);
  calendar.year_day = static_cast<int>(days - DaysTo(calendar.year, 1, 1)) + 1;
  return calendar;
}

int OffsetAt(const columnar::TimeZone* zone, std::int64_t seconds) {
  return zone == nullptr ? 0 : zone->OffsetSeconds(seconds);
}

std::int64_t FromLocal(const columnar::TimeZone* zone, std::int64_t local) {
  // Right except in the hour that a change of the clocks repeats or leaves out.
  const std::int64_t guess = local - OffsetAt(zone, local);
  return local - OffsetAt(zone, guess);
}

bool ReadMoment(std::string_view text, const columnar::TimeZone* zone, Moment* moment) {
  *moment = {};
  int year = 0;
  int month = 0;
  int day = 0;
  if (!TakeDigits(text, 4, &year) || !TakeChar(text, '-') || !TakeDigits(text, 2, &month) || !TakeChar(text, '-') ||
      !TakeDigits(text, 2, &day)) {
    return false;
  }
  if (month < 1 || month > 12 || day < 1 || day > DaysIn(year, month)) return false;
  std::int64_t local = DaysTo(year, month, day) * kDay;
  if (!text.empty()) {
    int hour = 0;
    int minute = 0;
    int second = 0;
    if (!TakeChar(text, 'T') && !TakeChar(text, 't') && !TakeChar(text, ' ')) return false;
    if (!TakeDigits(text, 2, &hour) || !TakeChar(text, ':') || !TakeDigits(text, 2, &minute)) return false;
    if (TakeChar(text, ':') && !TakeDigits(text, 2, &second)) return false;
    if (TakeChar(text, '.') && !TakeFraction(text, &moment->nanos)) return false;
    if (hour > 23 || minute > 59 || second > 60) return false;
    local += (hour * 60 + minute) * 60 + second;
  }
  if (text.empty()) {
    moment->seconds = FromLocal(zone, local);
    moment->offset = OffsetAt(zone, moment->seconds);
    return true;
  }
  if (!TakeOffset(text, &moment->offset) || !text.empty()) return false;
  moment->seconds = local - moment->offset;
  return true;
}

std::string WriteMoment(const Moment& moment) {
  char text[columnar::kTemporalRoom];
  return {text, columnar::WriteTimestamp(moment.seconds, moment.nanos, moment.offset, text)};
}

bool ReadDuration(std::string_view text, std::int64_t* nanos) {
  struct Unit {
    std::string_view name;
    double nanos;
  };
  constexpr Unit kUnits[] = {{"ns", 1},  {"us", 1e3}, {"\u00b5s", 1e3}, {"ms", 1e6},
                             {"s", 1e9}, {"m", 60e9}, {"h", 3600e9},    {"d", 86400e9}};
  const bool negative = TakeChar(text, '-');
  if (!negative) (void)TakeChar(text, '+');
  if (text == "0") return *nanos = 0, true;
  double sum = 0;
  if (text.empty()) return false;
  while (!text.empty()) {
    double count = 0;
    if ((text[0] < '0' || text[0] > '9') && text[0] != '.') return false;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count, std::chars_format::fixed);
    if (error != std::errc()) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const Unit* found = nullptr;
    for (const Unit& unit : kUnits) {
      if (text.starts_with(unit.name) && (found == nullptr || unit.name.size() > found->name.size())) found = &unit;
    }
    if (found == nullptr) return false;
    text.remove_prefix(found->name.size());
    sum += count * found->nanos;
  }
  if (!(sum < 9e18)) return false;
  *nanos = static_cast<std::int64_t>(std::llround(sum)) * (negative ? -1 : 1);
  return true;
}

}  // namespace eider::jq
