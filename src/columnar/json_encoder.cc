#include "columnar/json_encoder.h"

#include <utility>

#include "columnar/object_writer.h"
#include "columnar/value_writer.h"

namespace eider::columnar {
namespace {

// The root shape is compiled as the only value of a row: an object over the row itself or one of its columns.
class RowEncoder final : public JsonEncoder {
 public:
  RowEncoder(ValueWriterPtr value, int column) : value_(std::move(value)), column_(column) {}

  void AppendRow(const Batch& batch, std::int64_t row, std::string& out) const override {
    AppendRows(batch, row, row + 1, out);
  }

  void AppendRows(const Batch& batch, std::int64_t first, std::int64_t last, std::string& out) const override {
    const ArrowArray& rows = batch.c_array();
    const ArrowArray& column = column_ < 0 ? rows : *rows.children[column_];
    const std::int64_t shift = column_ < 0 ? 0 : rows.offset;
    JsonSink sink(out);
    for (std::int64_t row = first; row < last; ++row) {
      if (row != first) sink.Put(',');
      value_->Write(column, row + shift, sink);
    }
  }

 private:
  const ValueWriterPtr value_;
  const int column_;  // -1: the row as a struct.
};

}  // namespace

Result<std::unique_ptr<const JsonEncoder>> JsonEncoder::Create(const Shape& shape, const BatchSchema& schema,
                                                               const JsonOptions& options) {
  const ArrowSchema& rows = schema.c_schema();
  const WriterContext context{options.zone};
  const bool whole_row = (shape.form == JsonForm::kObject && shape.column < 0) || shape.form == JsonForm::kConstant;
  if (!whole_row && (shape.column < 0 || shape.column >= rows.n_children)) {
    return Error(ErrorCode::kInternal,
                 "a shape names a column that the result does not have: " + std::to_string(shape.column));
  }
  const ArrowSchema& value_schema = whole_row ? rows : *rows.children[shape.column];
  EIDER_ASSIGN_OR_RETURN(ValueWriterPtr value, MakeShapeWriter(shape, value_schema, context));
  return std::make_unique<RowEncoder>(std::move(value), whole_row ? -1 : shape.column);
}

}  // namespace eider::columnar
