#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "columnar/arrow_c.h"

namespace eider::columnar {

// The physical kinds of Arrow arrays that a result may hold.
enum class ArrowKind : std::uint8_t {
  kNull,
  kBool,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUInt8,
  kUInt16,
  kUInt32,
  kUInt64,
  kFloat,
  kDouble,
  kDecimal128,
  kText,
  kLargeText,
  kBinary,
  kLargeBinary,
  kFixedBinary,
  kDate32,
  kDate64,
  kTime32,
  kTime64,
  kTimestamp,
  kDuration,
  kMonths,
  kDayMillis,
  kMonthDayNano,
  kList,
  kLargeList,
  kFixedList,
  kStruct,
  kMap,
  kSparseUnion,
  kDenseUnion,
};

// An Arrow type as its format string tells it; a dictionary's indexes, not its values. Source: the C data interface.
struct ArrowType {
  ArrowKind kind = ArrowKind::kNull;
  int scale = 0;                // Of decimals.
  std::int64_t size = 0;        // Bytes of fixed binaries, elements of fixed lists.
  std::int64_t per_second = 0;  // Unit of times, timestamps and durations.
  bool has_zone = false;        // Timestamps that are instants.
  std::string type_ids;         // Of unions: the ids of the children, comma-separated.
};

// Reads `schema.format`. Fails with kInternal for a type that no engine result has.
Result<ArrowType> ReadArrowType(const ArrowSchema& schema);

}  // namespace eider::columnar
