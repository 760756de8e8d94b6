#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "base/text.h"
#include "config/load.h"

namespace eider::config {
namespace {

// The number that `text` starts with; removes it. Negative when there is none.
double TakeNumber(std::string_view& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !(number >= 0)) return -1;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// Removes and returns the letters that `text` starts with.
std::string TakeUnit(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && ((text[length] | 0x20) >= 'a' && (text[length] | 0x20) <= 'z')) ++length;
  const std::string unit = LowerAscii(text.substr(0, length));
  text.remove_prefix(length);
  return unit;
}

constexpr std::array<std::pair<std::string_view, double>, 6> kMilliseconds = {
    {{"", 1e3}, {"ms", 1}, {"s", 1e3}, {"m", 60e3}, {"h", 3600e3}, {"d", 86400e3}}};

Error BadDuration(std::string_view text) {
  return {ErrorCode::kBadInput,
          fmt::format("must be a duration such as 250ms, 30s, 2m, 1h or bare seconds, not \"{}\"", text)};
}

Error BadSize(std::string_view text) {
  return {ErrorCode::kBadInput,
          fmt::format("must be a size with a unit, such as 512KB, 64MB or 2GiB, not \"{}\"", text)};
}

// The factor of a unit by its first letter; 0 for an unknown unit.
double SizeFactor(std::string_view unit) {
  if (unit.empty() || unit == "b") return 1;
  constexpr std::string_view kLetters = "kmgt";
  const std::size_t power = kLetters.find(unit[0]);
  const std::string_view rest = unit.substr(1);
  if (power == std::string_view::npos || (!rest.empty() && rest != "b" && rest != "ib")) return 0;
  return static_cast<double>(std::uint64_t{1} << (10 * (power + 1)));
}

}  // namespace

Result<Duration> ParseDuration(std::string_view text) {
  std::string_view rest = text;
  double total = 0;
  if (rest.empty()) return BadDuration(text);
  for (int part = 0; !rest.empty(); ++part) {
    const double number = TakeNumber(rest);
    const std::string unit = TakeUnit(rest);
    if (number < 0 || (unit.empty() && (part > 0 || !rest.empty()))) return BadDuration(text);
    const auto* found = kMilliseconds.begin();
    while (found != kMilliseconds.end() && found->first != unit) ++found;
    if (found == kMilliseconds.end()) return BadDuration(text);
    total += number * found->second;
  }
  // A hundred years; far below what nanoseconds in 64 bits hold.
  if (total > 3.2e12) return BadDuration(text);
  return Duration(std::llround(total));
}

Result<Bytes> ParseBytes(std::string_view text) {
  std::string_view rest = text;
  const double number = TakeNumber(rest);
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  const bool bare = rest.empty();
  const double factor = SizeFactor(TakeUnit(rest));
  if (number < 0 || factor == 0 || !rest.empty()) return BadSize(text);
  // A small bare number is meant as mega- or gigabytes, by people who know other programs.
  if (bare && number > 0 && number < 65536) return BadSize(text);
  if (number * factor > 9e18) return BadSize(text);
  return Bytes{static_cast<std::uint64_t>(number * factor)};
}

}  // namespace eider::config
