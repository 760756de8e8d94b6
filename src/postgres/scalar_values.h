#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "postgres/numeric_text.h"
#include "postgres/wire_reader.h"

// How the binary form of each built-in type becomes a value of an Arrow array. Source of the forms: the send functions
// of PostgreSQL's types.
namespace eider::postgres {

// Days and microseconds between 1970, where Arrow counts from, and 2000, where PostgreSQL does.
inline constexpr std::int32_t kEpochDays = 10'957;
inline constexpr std::int64_t kEpochMicros = std::int64_t{kEpochDays} * 86'400 * 1'000'000;

// Each turns bytes of exactly kSize into a Value. The infinities of dates and times are the ends of the integer's range
// without its lowest number, as in the engine's arrays.
template <class T>
struct PlainValue {
  using Value = T;
  static constexpr std::size_t kSize = sizeof(T);
  static bool Read(const char* from, Value& value) {
    value = ReadBig<T>(from);
    return true;
  }
};

template <class T, class Bits>
struct FloatValue {
  using Value = T;
  static constexpr std::size_t kSize = sizeof(T);
  static bool Read(const char* from, Value& value) {
    value = std::bit_cast<T>(ReadBig<Bits>(from));
    return true;
  }
};

template <class T, T kEpoch>
struct SinceEpoch {
  using Value = T;
  static constexpr std::size_t kSize = sizeof(T);
  static bool Read(const char* from, Value& value) {
    value = ReadBig<T>(from);
    if (value == std::numeric_limits<T>::min()) value = -std::numeric_limits<T>::max();
    const bool finite = value != std::numeric_limits<T>::max() && value != -std::numeric_limits<T>::max();
    return !finite || !__builtin_add_overflow(value, kEpoch, &value);
  }
};

// Microseconds since midnight, up to 24:00. The offset of a time with time zone (12 bytes) is dropped, as the engine
// does.
template <std::size_t size>
struct TimeOfDay {
  using Value = std::int64_t;
  static constexpr std::size_t kSize = size;
  static bool Read(const char* from, Value& value) {
    value = ReadBig<std::int64_t>(from);
    return value >= 0 && value <= 86'400'000'000;
  }
};

struct IntervalParts {
  std::int32_t months;
  std::int32_t days;
  std::int64_t nanos;
};

struct IntervalValue {
  using Value = IntervalParts;
  static constexpr std::size_t kSize = 16;
  static bool Read(const char* from, Value& value) {
    value.days = ReadBig<std::int32_t>(from + 8);
    value.months = ReadBig<std::int32_t>(from + 12);
    return !__builtin_mul_overflow(ReadBig<std::int64_t>(from), std::int64_t{1000}, &value.nanos);
  }
};

// Each appends a value's text; kNotFinite stands for a value that is written as null.
struct PlainText {
  static NumericKind Append(std::string_view bytes, std::string& out) {
    out.append(bytes);
    return NumericKind::kNumber;
  }
};

struct JsonbText {
  static NumericKind Append(std::string_view bytes, std::string& out) {
    if (bytes.empty() || bytes.front() != 1) return NumericKind::kBroken;  // The format's only version.
    out.append(bytes.substr(1));
    return NumericKind::kNumber;
  }
};

struct UuidText {
  static NumericKind Append(std::string_view bytes, std::string& out) {
    static constexpr char kHex[] = "0123456789abcdef";
    if (bytes.size() != 16) return NumericKind::kBroken;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
      const auto byte = static_cast<unsigned char>(bytes[i]);
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    }
    return NumericKind::kNumber;
  }
};

struct NumericText {
  static NumericKind Append(std::string_view bytes, std::string& out) { return AppendNumeric(bytes, out); }
};

}  // namespace eider::postgres
