#include "cache/rule.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/text.h"

namespace eider::cache {
namespace {

constexpr double kSecond = 1e3;
constexpr double kMinute = 60 * kSecond;
constexpr double kHour = 60 * kMinute;
constexpr double kDay = 24 * kHour;
constexpr double kLongest = 100 * 365 * kDay;

struct Unit {
  std::string_view name;
  double milliseconds;
};

constexpr std::array<Unit, 29> kUnits = {{
    {"", kSecond},        {"us", 1e-3},          {"microsecond", 1e-3}, {"microseconds", 1e-3}, {"ms", 1},
    {"millisecond", 1},   {"milliseconds", 1},   {"s", kSecond},        {"sec", kSecond},       {"secs", kSecond},
    {"second", kSecond},  {"seconds", kSecond},  {"m", kMinute},        {"min", kMinute},       {"mins", kMinute},
    {"minute", kMinute},  {"minutes", kMinute},  {"h", kHour},          {"hour", kHour},        {"hours", kHour},
    {"d", kDay},          {"day", kDay},         {"days", kDay},        {"week", 7 * kDay},     {"weeks", 7 * kDay},
    {"month", 30 * kDay}, {"months", 30 * kDay}, {"year", 365 * kDay},  {"years", 365 * kDay},
}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

void SkipSpace(std::string_view& text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
}

std::optional<double> TakeNumber(std::string_view& text) {
  double number = 0;
  if (text.empty() || !IsDigit(text.front())) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// `PnYnMnWnDTnHnMnS`, behind the P.
std::optional<double> ParseIso(std::string_view text) {
  double total = 0;
  bool time = false;
  if (text.empty() || text.ends_with('T')) return std::nullopt;
  while (!text.empty()) {
    if (!time && text.starts_with('T')) {
      time = true;
      text.remove_prefix(1);
    }
    const auto number = TakeNumber(text);
    if (!number || text.empty()) return std::nullopt;
    constexpr std::array<Unit, 4> kDates = {{{"Y", 365 * kDay}, {"M", 30 * kDay}, {"W", 7 * kDay}, {"D", kDay}}};
    constexpr std::array<Unit, 3> kTimes = {{{"H", kHour}, {"M", kMinute}, {"S", kSecond}}};
    const auto find = [&](const auto& units) {
      const auto* found = std::ranges::find(units, text.substr(0, 1), &Unit::name);
      return found == units.end() ? -1.0 : found->milliseconds;
    };
    const double unit = time ? find(kTimes) : find(kDates);
    if (unit < 0) return std::nullopt;
    total += *number * unit;
    text.remove_prefix(1);
  }
  return total;
}

// `hh:mm` or `hh:mm:ss`, whose hours were read already.
std::optional<double> TakeClock(double hours, std::string_view& text) {
  double total = hours * kHour;
  double unit = kMinute;
  while (text.starts_with(':') && unit >= kSecond) {
    text.remove_prefix(1);
    const auto number = TakeNumber(text);
    if (!number || *number >= 60) return std::nullopt;
    total += *number * unit;
    unit /= 60;
  }
  return total;
}

// Numbers with units, as "1h30m" or "2 hours 30 minutes".
std::optional<double> ParseParts(std::string_view text) {
  double total = 0;
  for (int part = 0; !text.empty(); ++part) {
    const auto number = TakeNumber(text);
    if (!number) return std::nullopt;
    if (text.starts_with(':')) {
      const auto clock = TakeClock(*number, text);
      if (!clock) return std::nullopt;
      total += *clock;
    } else {
      SkipSpace(text);
      std::size_t length = 0;
      while (length < text.size() && IsLetter(text[length])) ++length;
      const std::string name = LowerAscii(text.substr(0, length));
      text.remove_prefix(length);
      // A number alone is one of seconds.
      if (name.empty() && (part > 0 || !text.empty())) return std::nullopt;
      const auto* unit = std::ranges::find(kUnits, name, &Unit::name);
      if (unit == kUnits.end()) return std::nullopt;
      total += *number * unit->milliseconds;
    }
    SkipSpace(text);
  }
  return total;
}

}  // namespace

Rule Merge(const Rule& under, const Rule& over) {
  Rule out = under;
  if (over.ttl) out.ttl = over.ttl;
  if (over.key) out.key = over.key;
  for (const std::string& tag : over.tags) {
    if (std::ranges::find(out.tags, tag) == out.tags.end()) out.tags.push_back(tag);
  }
  return out;
}

std::optional<std::chrono::milliseconds> ParseTtl(std::string_view text) {
  SkipSpace(text);
  while (text.ends_with(' ')) text.remove_suffix(1);
  if (text.empty()) return std::nullopt;
  const auto total = text.starts_with('P') ? ParseIso(text.substr(1)) : ParseParts(text);
  if (!total || !(*total <= kLongest)) return std::nullopt;
  return std::chrono::milliseconds(std::llround(std::ceil(*total)));
}

}  // namespace eider::cache
