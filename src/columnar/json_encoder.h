#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "columnar/batch.h"
#include "columnar/shape.h"

namespace eider::columnar {

// A time zone by IANA name, loaded once. Immutable; shared.
class TimeZone {
 public:
  virtual ~TimeZone() = default;
  // Seconds east of UTC at `epoch_seconds`.
  virtual int OffsetSeconds(std::int64_t epoch_seconds) const = 0;
};

// Loads an IANA zone ("Europe/Berlin"); fails with kBadInput when it is unknown. "UTC" always works.
Result<std::shared_ptr<const TimeZone>> LoadTimeZone(const std::string& name);

struct JsonOptions {
  std::shared_ptr<const TimeZone> zone;  // Null = UTC.
};

// Writes rows of Arrow batches as JSON text according to a shape. Made once per (shape, Arrow schema), then used for
// every batch of the result; const methods are thread-safe.
class JsonEncoder {
 public:
  // Compiles `shape` against `schema`. Fails with kInternal when a column index or type does not fit. Keeps a copy of
  // what it needs of the shape.
  static Result<std::unique_ptr<const JsonEncoder>> Create(const Shape& shape, const BatchSchema& schema,
                                                           const JsonOptions& options);
  virtual ~JsonEncoder() = default;

  // Appends the root shape's value for row `row` of `batch` to `out`.
  virtual void AppendRow(const Batch& batch, std::int64_t row, std::string& out) const = 0;

  // Appends rows [first, last) of `batch`, separated by commas.
  virtual void AppendRows(const Batch& batch, std::int64_t first, std::int64_t last, std::string& out) const = 0;
};

}  // namespace eider::columnar
