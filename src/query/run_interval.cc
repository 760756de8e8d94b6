#include "query/run_interval.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>

#include "base/text.h"

namespace eider::query {
namespace {

constexpr double kMinute = 60;
constexpr double kHour = 60 * kMinute;
constexpr double kDay = 24 * kHour;
constexpr double kWeek = 7 * kDay;
constexpr double kLongest = 3650 * kDay;

struct Unit {
  std::string_view name;
  double seconds;
};

// Words of Go and SQL, without the plural's s.
constexpr std::array<Unit, 26> kUnits = {{{"ns", 1e-9},
                                          {"nanosecond", 1e-9},
                                          {"us", 1e-6},
                                          {"µs", 1e-6},
                                          {"microsecond", 1e-6},
                                          {"ms", 1e-3},
                                          {"msec", 1e-3},
                                          {"millisecond", 1e-3},
                                          {"s", 1},
                                          {"sec", 1},
                                          {"second", 1},
                                          {"m", kMinute},
                                          {"min", kMinute},
                                          {"minute", kMinute},
                                          {"h", kHour},
                                          {"hr", kHour},
                                          {"hour", kHour},
                                          {"d", kDay},
                                          {"day", kDay},
                                          {"w", kWeek},
                                          {"week", kWeek},
                                          {"mon", 0},
                                          {"month", 0},
                                          {"y", 0},
                                          {"yr", 0},
                                          {"year", 0}}};

enum class Problem { kNone, kUnreadable, kNoFixedLength };

// A length in seconds, or why there is none.
struct Length {
  double seconds = 0;
  Problem problem = Problem::kNone;

  void Add(double amount, double unit) {
    if (unit == 0) problem = Problem::kNoFixedLength;
    seconds += amount * unit;
  }
};

Length Unreadable() { return {0, Problem::kUnreadable}; }

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

void SkipSpace(std::string_view& text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
}

// A decimal number at the start of `text`, which is cut off.
std::optional<double> TakeNumber(std::string_view& text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// All of `text` as a number, also with an exponent.
std::optional<double> WholeNumber(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string_view TakeWord(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && ((text[length] >= 'a' && text[length] <= 'z') || (text[length] & 0x80) != 0)) ++length;
  const std::string_view word = text.substr(0, length);
  text.remove_prefix(length);
  return word;
}

std::optional<double> SecondsOf(std::string_view word) {
  for (const Unit& unit : kUnits) {
    const bool plural = word.size() == unit.name.size() + 1 && word.ends_with('s') && unit.name.size() > 1;
    if (word == unit.name || (plural && word.starts_with(unit.name))) return unit.seconds;
  }
  return std::nullopt;
}

// "1h30m", "1 hour 30 minutes".
Length OfWords(std::string_view text) {
  Length length;
  for (SkipSpace(text); !text.empty(); SkipSpace(text)) {
    const auto amount = TakeNumber(text);
    SkipSpace(text);
    const auto unit = SecondsOf(TakeWord(text));
    if (!amount || !unit) return Unreadable();
    length.Add(*amount, *unit);
  }
  return length;
}

// What follows the P of "P1DT2H", in lower case.
Length OfIso(std::string_view text) {
  Length length;
  bool is_time = false;
  if (text.empty() || text.ends_with('t')) return Unreadable();
  while (!text.empty()) {
    if (!is_time && text.front() == 't') {
      is_time = true;
      text.remove_prefix(1);
    }
    const auto amount = TakeNumber(text);
    if (!amount || text.empty()) return Unreadable();
    const char unit = text.front();
    text.remove_prefix(1);
    if (is_time) {
      if (unit != 'h' && unit != 'm' && unit != 's') return Unreadable();
      length.Add(*amount, unit == 'h' ? kHour : unit == 'm' ? kMinute : 1);
    } else {
      if (unit != 'd' && unit != 'w' && unit != 'm' && unit != 'y') return Unreadable();
      length.Add(*amount, unit == 'd' ? kDay : unit == 'w' ? kWeek : 0);
    }
  }
  return length;
}

// "01:30" (hours and minutes), "00:01:30.5".
Length OfClock(std::string_view text) {
  Length length;
  double unit = kHour;
  while (true) {
    const auto amount = TakeNumber(text);
    if (!amount || *amount < 0 || unit < 1 || (unit < kHour && *amount >= kMinute)) return Unreadable();
    length.Add(*amount, unit);
    unit /= 60;
    if (text.empty()) return unit < kMinute ? length : Unreadable();
    if (text.front() != ':') return Unreadable();
    text.remove_prefix(1);
  }
}

Length LengthOf(std::string_view text) {
  if (const auto number = WholeNumber(text)) return {*number, Problem::kNone};
  if (text.find(':') != std::string_view::npos) return OfClock(text);
  const bool is_negative = text.starts_with('-');
  std::string_view iso = text.substr(is_negative ? 1 : 0);
  if (!iso.starts_with('p')) return OfWords(text);
  Length length = OfIso(iso.substr(1));
  if (is_negative) length.seconds = -length.seconds;
  return length;
}

std::string Normal(std::string_view text) {
  SkipSpace(text);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  std::string normal(text);
  for (char& c : normal) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return normal;
}

Error Refusal(std::string_view text, std::string_view reason) {
  std::string message = "interval ";
  AppendJsonString(message, text);
  return {ErrorCode::kBadInput, message.append(" ").append(reason)};
}

}  // namespace

Result<std::chrono::milliseconds> ParseRunInterval(std::string_view text) {
  constexpr std::string_view kAccepted =
      "cannot be read: give a number of seconds, or a text such as \"10s\", \"1m30s\", \"PT5S\" or \"5 seconds\"";
  const std::string normal = Normal(text);
  const Length length = normal.empty() ? Unreadable() : LengthOf(normal);
  if (length.problem == Problem::kNoFixedLength) {
    return Refusal(text, "has months or years, which have no fixed length: give days or weeks");
  }
  if (length.problem != Problem::kNone || !std::isfinite(length.seconds)) return Refusal(text, kAccepted);
  if (length.seconds < 0) return Refusal(text, "is negative: give a time from one run to the next");
  if (length.seconds > kLongest) return Refusal(text, "is longer than ten years: give less");
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::llround(length.seconds * 1000)));
}

}  // namespace eider::query
