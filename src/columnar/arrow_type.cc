#include "columnar/arrow_type.h"

#include <charconv>
#include <optional>
#include <string_view>

namespace eider::columnar {
namespace {

Error Unknown(std::string_view format) {
  return Error(ErrorCode::kInternal, "unsupported Arrow type: " + std::string(format));
}

std::optional<std::int64_t> PerSecond(char unit) {
  switch (unit) {
    case 's': return 1;
    case 'm': return 1'000;
    case 'u': return 1'000'000;
    case 'n': return 1'000'000'000;
    default: return std::nullopt;
  }
}

std::int64_t ReadNumber(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::optional<ArrowKind> SimpleKind(char format) {
  switch (format) {
    case 'n': return ArrowKind::kNull;
    case 'b': return ArrowKind::kBool;
    case 'c': return ArrowKind::kInt8;
    case 'C': return ArrowKind::kUInt8;
    case 's': return ArrowKind::kInt16;
    case 'S': return ArrowKind::kUInt16;
    case 'i': return ArrowKind::kInt32;
    case 'I': return ArrowKind::kUInt32;
    case 'l': return ArrowKind::kInt64;
    case 'L': return ArrowKind::kUInt64;
    case 'f': return ArrowKind::kFloat;
    case 'g': return ArrowKind::kDouble;
    case 'u': return ArrowKind::kText;
    case 'U': return ArrowKind::kLargeText;
    case 'z': return ArrowKind::kBinary;
    case 'Z': return ArrowKind::kLargeBinary;
    default: return std::nullopt;
  }
}

// "d:precision,scale[,bits]".
Result<ArrowType> ReadDecimal(std::string_view format) {
  const std::size_t comma = format.find(',');
  if (comma == std::string_view::npos) return Unknown(format);
  const std::string_view rest = format.substr(comma + 1);
  const std::size_t bits = rest.find(',');
  if (bits != std::string_view::npos && rest.substr(bits + 1) != "128") return Unknown(format);
  ArrowType type;
  type.kind = ArrowKind::kDecimal128;
  type.scale = static_cast<int>(ReadNumber(rest.substr(0, bits)));
  if (type.scale < 0 || type.scale > 38) return Unknown(format);
  return type;
}

Result<ArrowType> ReadTemporal(std::string_view format) {
  ArrowType type;
  if (format.size() < 3) return Unknown(format);
  const char unit = format[2];
  type.per_second = PerSecond(unit).value_or(0);
  switch (format[1]) {
    case 'd': type.kind = unit == 'D' ? ArrowKind::kDate32 : ArrowKind::kDate64; return type;
    case 'i':
      type.kind = unit == 'n' ? ArrowKind::kMonthDayNano : unit == 'D' ? ArrowKind::kDayMillis : ArrowKind::kMonths;
      return type;
    case 't': type.kind = unit == 's' || unit == 'm' ? ArrowKind::kTime32 : ArrowKind::kTime64; break;
    case 'D': type.kind = ArrowKind::kDuration; break;
    case 's':
      type.kind = ArrowKind::kTimestamp;
      type.has_zone = format.size() > 4;
      break;
    default: return Unknown(format);
  }
  if (type.per_second == 0) return Unknown(format);
  return type;
}

Result<ArrowType> ReadNested(std::string_view format) {
  ArrowType type;
  const std::string_view kind = format.substr(0, 3);
  if (kind == "+l") {
    type.kind = ArrowKind::kList;
  } else if (kind == "+L") {
    type.kind = ArrowKind::kLargeList;
  } else if (kind == "+w:") {
    type.kind = ArrowKind::kFixedList;
    type.size = ReadNumber(format.substr(3));
  } else if (kind == "+s") {
    type.kind = ArrowKind::kStruct;
  } else if (kind == "+m") {
    type.kind = ArrowKind::kMap;
  } else if (kind == "+us" || kind == "+ud") {
    type.kind = kind == "+us" ? ArrowKind::kSparseUnion : ArrowKind::kDenseUnion;
    if (format.size() > 4) type.type_ids = format.substr(4);
  } else {
    return Unknown(format);
  }
  return type;
}

}  // namespace

Result<ArrowType> ReadArrowType(const ArrowSchema& schema) {
  const std::string_view format = schema.format == nullptr ? "" : schema.format;
  ArrowType type;
  if (format.size() == 1) {
    const auto kind = SimpleKind(format[0]);
    if (!kind) return Unknown(format);
    type.kind = *kind;
    return type;
  }
  if (format.starts_with("d:")) return ReadDecimal(format);
  if (format.starts_with("w:")) {
    type.kind = ArrowKind::kFixedBinary;
    type.size = ReadNumber(format.substr(2));
    return type;
  }
  if (format.starts_with('t')) return ReadTemporal(format);
  if (format.starts_with('+')) return ReadNested(format);
  return Unknown(format);
}

}  // namespace eider::columnar
