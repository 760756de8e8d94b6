#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "columnar/arrow_c.h"
#include "columnar/json_encoder.h"
#include "columnar/json_sink.h"
#include "columnar/shape.h"

namespace eider::columnar {

// Writes the values of one Arrow array as JSON. Compiled once for a type and a form; immutable.
class ValueWriter {
 public:
  virtual ~ValueWriter() = default;
  // Writes the value at `index` of `column`, counted without the array's own offset.
  virtual void Write(const ArrowArray& column, std::int64_t index, JsonSink& sink) const = 0;
};

using ValueWriterPtr = std::unique_ptr<const ValueWriter>;

// Whether the value at `position`, counted with the array's offset, is null.
inline bool IsNull(const ArrowArray& column, std::int64_t position) {
  if (column.null_count == 0) return false;
  if (column.n_buffers == 0) return true;  // Arrow's null type.
  if (column.buffers[0] == nullptr) return false;
  const auto* bits = static_cast<const std::uint8_t*>(column.buffers[0]);
  return (bits[position >> 3] >> (position & 7) & 1) == 0;
}

// What the writers of one encoder share.
struct WriterContext {
  std::shared_ptr<const TimeZone> zone;  // Null = UTC.
};

// A form with what NULL is written as.
struct ValueForm {
  JsonForm form = JsonForm::kValue;
  std::string null_text = "null";
};

// Makes the writer of a value that is not shaped further: any scalar, and lists, structs and maps by recursion.
// Fails with kInternal when the form does not fit the type.
Result<ValueWriterPtr> MakeValueWriter(const ValueForm& form, const ArrowSchema& schema, const WriterContext& context);

// Its two halves.
Result<ValueWriterPtr> MakeScalarWriter(const ValueForm& form, const ArrowSchema& schema, const WriterContext& context);
Result<ValueWriterPtr> MakeNestedWriter(const ValueForm& form, const ArrowSchema& schema, const WriterContext& context);

// A writer of lists whose elements `element` writes.
Result<ValueWriterPtr> MakeListWriter(const ArrowSchema& schema, ValueWriterPtr element, const std::string& null_text);

// Makes the writer of `shape`, whose value is an array of `schema` (not the container it stands in).
Result<ValueWriterPtr> MakeShapeWriter(const Shape& shape, const ArrowSchema& schema, const WriterContext& context);

}  // namespace eider::columnar
