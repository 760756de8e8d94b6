#include "postgres/numeric_text.h"

#include <cstdint>

#include "postgres/wire_reader.h"

namespace eider::postgres {
namespace {

constexpr std::uint16_t kPositive = 0x0000;
constexpr std::uint16_t kNegative = 0x4000;
constexpr std::uint16_t kNaN = 0xC000;
constexpr std::uint16_t kInfinity = 0xD000;
constexpr std::uint16_t kMinusInfinity = 0xF000;
constexpr int kBase = 10'000;

// Digits of base 10,000; the first one counts kBase^weight.
struct Digits {
  std::string_view bytes;
  int count;
  int weight;

  int At(int power) const {
    const int index = weight - power;
    if (index < 0 || index >= count) return 0;
    return ReadBig<std::int16_t>(bytes.data() + static_cast<std::ptrdiff_t>(index) * 2);
  }
};

void AppendFour(int value, std::string& out) {
  for (int unit = kBase / 10; unit > 0; unit /= 10) out.push_back(static_cast<char>('0' + value / unit % 10));
}

void AppendWhole(const Digits& digits, std::string& out) {
  if (digits.weight < 0) return out.push_back('0');
  out.append(std::to_string(digits.At(digits.weight)));
  for (int power = digits.weight - 1; power >= 0; --power) AppendFour(digits.At(power), out);
}

void AppendFraction(const Digits& digits, std::string& out) {
  const int last = digits.weight - digits.count + 1;
  if (last >= 0) return;
  out.push_back('.');
  for (int power = -1; power >= last; --power) AppendFour(digits.At(power), out);
  while (out.back() == '0') out.pop_back();
  if (out.back() == '.') out.pop_back();
}

}  // namespace

NumericKind AppendNumeric(std::string_view bytes, std::string& out) {
  WireReader reader(bytes);
  const int count = reader.Number<std::int16_t>();
  const int weight = reader.Number<std::int16_t>();
  const auto sign = reader.Number<std::uint16_t>();
  (void)reader.Number<std::int16_t>();  // Digits to show behind the point.
  if (!reader.ok() || count < 0 || reader.left() != static_cast<std::size_t>(count) * 2) return NumericKind::kBroken;
  if (sign == kNaN || sign == kInfinity || sign == kMinusInfinity) return NumericKind::kNotFinite;
  if (sign != kPositive && sign != kNegative) return NumericKind::kBroken;
  const Digits digits{bytes.substr(bytes.size() - reader.left()), count, weight};
  for (int i = 0; i < count; ++i) {
    const int digit = digits.At(weight - i);
    if (digit < 0 || digit >= kBase) return NumericKind::kBroken;
  }
  if (count == 0) {
    out.push_back('0');
    return NumericKind::kNumber;
  }
  if (sign == kNegative) out.push_back('-');
  AppendWhole(digits, out);
  AppendFraction(digits, out);
  return NumericKind::kNumber;
}

}  // namespace eider::postgres
