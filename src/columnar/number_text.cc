#include "columnar/number_text.h"

#include <cstring>

namespace eider::columnar {
namespace {

constexpr std::uint64_t kTenTo19 = 10'000'000'000'000'000'000ULL;

// Exactly `width` digits with leading zeros.
char* WritePadded(std::uint64_t value, int width, char* to) {
  for (int i = width - 1; i >= 0; --i) {
    to[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return to + width;
}

}  // namespace

char* WriteWide(UInt128 value, char* to) {
  if (value <= UINT64_MAX) return WriteInteger(static_cast<std::uint64_t>(value), to);
  to = WriteWide(value / kTenTo19, to);
  return WritePadded(static_cast<std::uint64_t>(value % kTenTo19), 19, to);
}

char* WriteDecimal(Int128 unscaled, int scale, char* to) {
  UInt128 size = unscaled < 0 ? -static_cast<UInt128>(unscaled) : static_cast<UInt128>(unscaled);
  if (unscaled < 0) *to++ = '-';
  if (scale == 0) return WriteWide(size, to);
  char digits[kNumberRoom];
  const char* const end = WriteWide(size, digits);
  auto count = static_cast<int>(end - digits);
  // The digits behind the point start here; there may be fewer digits than that.
  const int whole = count - scale;
  while (scale > 0 && count > 0 && digits[count - 1] == '0') {
    --count;
    --scale;
  }
  if (whole > 0) {
    std::memcpy(to, digits, static_cast<std::size_t>(whole));
    to += whole;
  } else {
    *to++ = '0';
  }
  if (scale <= 0 || count == 0) return to;
  *to++ = '.';
  for (int i = whole; i < 0; ++i) *to++ = '0';
  const int from = whole > 0 ? whole : 0;
  std::memcpy(to, digits + from, static_cast<std::size_t>(count - from));
  return to + (count - from);
}

}  // namespace eider::columnar
