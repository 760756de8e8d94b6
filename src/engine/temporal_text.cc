#include "engine/temporal_text.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <string>

namespace eider::engine {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;

// Takes exactly `digits` digits from the front of `text`.
std::optional<int> TakeNumber(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool TakeChar(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::int32_t> TakeDate(std::string_view& text) {
  const auto year = TakeNumber(text, 4);
  if (!year || *year == 0 || !TakeChar(text, '-')) return std::nullopt;
  const auto month = TakeNumber(text, 2);
  if (!month || !TakeChar(text, '-')) return std::nullopt;
  const auto day = TakeNumber(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

// Takes ".f" with one to six digits; nothing there is zero.
std::optional<std::int64_t> TakeFraction(std::string_view& text) {
  if (!TakeChar(text, '.')) return 0;
  std::int64_t micros = 0;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (++digits > 6) return std::nullopt;
    micros = micros * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 6; ++digits) micros *= 10;
  return micros;
}

std::optional<std::int64_t> TakeTimeOfDay(std::string_view& text) {
  const auto hour = TakeNumber(text, 2);
  if (!hour || *hour > 23 || !TakeChar(text, ':')) return std::nullopt;
  const auto minute = TakeNumber(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  int second = 0;
  std::int64_t fraction = 0;
  if (TakeChar(text, ':')) {
    const auto read = TakeNumber(text, 2);
    if (!read || *read > 59) return std::nullopt;
    second = *read;
    const auto micros = TakeFraction(text);
    if (!micros) return std::nullopt;
    fraction = *micros;
  }
  return (*hour * 3600LL + *minute * 60LL + second) * kMicrosPerSecond + fraction;
}

// Takes "+HH", "+HHMM" or "+HH:MM" (or with minus) and returns seconds east of UTC.
std::optional<int> TakeOffset(std::string_view& text) {
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto hours = TakeNumber(text, 2);
  if (!hours || *hours > 15) return std::nullopt;
  int minutes = 0;
  if (TakeChar(text, ':') || !text.empty()) {
    const auto read = TakeNumber(text, 2);
    if (!read || *read > 59) return std::nullopt;
    minutes = *read;
  }
  return sign * (*hours * 3600 + minutes * 60);
}

bool Add(double amount, double unit, double limit, double& total) {
  total += amount * unit;
  return std::abs(total) <= limit;
}

// One "12.5H" of a duration; `in_time` says on which side of the T it stands.
bool TakeDurationPart(std::string_view& text, bool in_time, double& months, double& days, double& micros) {
  double amount = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
  if (error != std::errc() || end == text.data() + text.size()) return false;
  const char unit = *end;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  constexpr double kInt32 = std::numeric_limits<std::int32_t>::max();
  constexpr double kMicros = 9.0e18;
  const bool whole = amount == std::trunc(amount);
  if (in_time) {
    if (unit == 'H') return Add(amount, 3600e6, kMicros, micros);
    if (unit == 'M') return Add(amount, 60e6, kMicros, micros);
    return unit == 'S' && Add(amount, 1e6, kMicros, micros);
  }
  if (!whole) return false;
  if (unit == 'Y') return Add(amount, 12, kInt32, months);
  if (unit == 'M') return Add(amount, 1, kInt32, months);
  if (unit == 'W') return Add(amount, 7, kInt32, days);
  return unit == 'D' && Add(amount, 1, kInt32, days);
}

}  // namespace

std::optional<std::int32_t> ReadDate(std::string_view text) {
  const auto days = TakeDate(text);
  if (!text.empty()) return std::nullopt;
  return days;
}

std::optional<Instant> ReadInstant(std::string_view text) {
  const auto days = TakeDate(text);
  if (!days || (!TakeChar(text, 'T') && !TakeChar(text, ' '))) return std::nullopt;
  const auto time = TakeTimeOfDay(text);
  if (!time) return std::nullopt;
  Instant instant{*days * 86400LL * kMicrosPerSecond + *time, false};
  if (text.empty()) return instant;
  instant.has_offset = true;
  if (text == "Z") return instant;
  if (text.front() != '+' && text.front() != '-') return std::nullopt;
  const auto offset = TakeOffset(text);
  if (!offset || !text.empty()) return std::nullopt;
  instant.micros -= *offset * kMicrosPerSecond;
  return instant;
}

std::optional<Duration> ReadIsoDuration(std::string_view text) {
  const double sign = TakeChar(text, '-') ? -1 : 1;
  if (!TakeChar(text, 'P') || text.empty()) return std::nullopt;
  double months = 0;
  double days = 0;
  double micros = 0;
  bool in_time = false;
  while (!text.empty()) {
    if (!in_time && TakeChar(text, 'T')) {
      in_time = true;
      if (text.empty()) return std::nullopt;
    }
    if (!TakeDurationPart(text, in_time, months, days, micros)) return std::nullopt;
  }
  return Duration{static_cast<std::int32_t>(sign * months), static_cast<std::int32_t>(sign * days),
                  static_cast<std::int64_t>(std::llround(sign * micros))};
}

}  // namespace eider::engine
