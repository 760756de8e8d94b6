#pragma once

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace eider::columnar {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

// What the longest number takes.
inline constexpr std::size_t kNumberRoom = 64;

// Each writes to `to`, which has kNumberRoom bytes, and returns the end.

template <class T>
char* WriteInteger(T value, char* to) {
  return std::to_chars(to, to + kNumberRoom, value).ptr;
}

char* WriteWide(UInt128 value, char* to);

// The exact value of `unscaled` / 10^scale without trailing zeros. REQUIRES: 0 <= scale <= 38.
char* WriteDecimal(Int128 unscaled, int scale, char* to);

// The shortest text that reads back as `value`; integral values have no point, very large and very small ones an
// exponent. REQUIRES: `value` is finite.
template <class T>
char* WriteFloat(T value, char* to) {
  constexpr T kExact = sizeof(T) == 8 ? T(9007199254740992.0) : T(16777216.0);
  const T size = std::abs(value);
  if (size < kExact && value == std::trunc(value)) {
    if (value == 0 && std::signbit(value)) *to++ = '-';
    return WriteInteger(static_cast<std::int64_t>(value), to);
  }
  const auto format = size >= T(1e-6) && size < T(1e21) ? std::chars_format::fixed : std::chars_format::scientific;
  return std::to_chars(to, to + kNumberRoom, value, format).ptr;
}

}  // namespace eider::columnar
