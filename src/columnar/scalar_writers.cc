#include <tuple>
#include <utility>

#include "columnar/arrow_type.h"
#include "columnar/field_mark.h"
#include "columnar/scalar_formats.h"
#include "columnar/value_writer.h"

namespace eider::columnar {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;

using Parts = std::tuple<std::int64_t, std::int64_t, std::int64_t>;  // Months, days, nanoseconds.

struct ReadMonths {
  Parts operator()(const ArrowArray& column, std::int64_t at) const {
    return {ValueAt<std::int32_t>(column, at), 0, 0};
  }
};

struct ReadDayMillis {
  Parts operator()(const ArrowArray& column, std::int64_t at) const {
    return {0, ValueAt<std::int32_t>(column, at * 2), ValueAt<std::int32_t>(column, at * 2 + 1) * 1'000'000LL};
  }
};

struct ReadMonthDayNano {
  Parts operator()(const ArrowArray& column, std::int64_t at) const {
    struct Raw {
      std::int32_t months;
      std::int32_t days;
      std::int64_t nanos;
    };
    const Raw raw = ValueAt<Raw>(column, at);
    return {raw.months, raw.days, raw.nanos};
  }
};

struct ReadDuration {
  std::int64_t nanos_per_unit;
  Parts operator()(const ArrowArray& column, std::int64_t at) const {
    return {0, 0, ValueAt<std::int64_t>(column, at) * nanos_per_unit};
  }
};

class NullWriter final : public ValueWriter {
 public:
  explicit NullWriter(const std::string& text) : text_(text) {}
  void Write(const ArrowArray& /*column*/, std::int64_t /*index*/, JsonSink& sink) const override {
    text_.WriteTo(sink);
  }

 private:
  const FixedText text_;
};

// Looks a value up in the array's dictionary.
template <class Index>
class DictionaryWriter final : public ValueWriter {
 public:
  DictionaryWriter(ValueWriterPtr values, const std::string& null_text)
      : values_(std::move(values)),
        null_text_(null_text) {}

  void Write(const ArrowArray& column, std::int64_t index, JsonSink& sink) const override {
    const std::int64_t position = index + column.offset;
    if (IsNull(column, position)) return null_text_.WriteTo(sink);
    values_->Write(*column.dictionary, static_cast<std::int64_t>(ValueAt<Index>(column, position)), sink);
  }

 private:
  const ValueWriterPtr values_;
  const FixedText null_text_;
};

template <class Format>
ValueWriterPtr Make(Format format, const ValueForm& form) {
  return std::make_unique<ScalarWriter<Format>>(std::move(format), form.null_text);
}

// A number or boolean, bare or as a string.
template <class Format>
Result<ValueWriterPtr> MakePlain(Format format, const ValueForm& form, const ArrowSchema& schema) {
  switch (form.form) {
    case JsonForm::kValue:
    case JsonForm::kJson: return Make(std::move(format), form);
    case JsonForm::kString: return Make(QuotedFormat<Format>{std::move(format)}, form);
    default: return Error(ErrorCode::kInternal, "the JSON form does not fit Arrow type: " + std::string(schema.format));
  }
}

// Floating-point numbers that JSON cannot hold are null, never quoted.
template <class T>
struct QuotedFloatFormat {
  void operator()(const ArrowArray& column, std::int64_t at, JsonSink& sink) const {
    if (!std::isfinite(ValueAt<T>(column, at))) return sink.Append("null");
    QuotedFormat<FloatFormat<T>>{}(column, at, sink);
  }
};

template <class T>
Result<ValueWriterPtr> MakeFloat(const ValueForm& form, const ArrowSchema& schema) {
  if (form.form == JsonForm::kString) return Make(QuotedFloatFormat<T>{}, form);
  return MakePlain(FloatFormat<T>{}, form, schema);
}

// Text that arrives where a date or a number was promised is already in its form.
template <class Offset>
ValueWriterPtr MakeText(const ValueForm& form, const ArrowSchema& schema) {
  const bool is_number = form.form != JsonForm::kString && ExtensionName(schema) == kNumberText;
  if (form.form == JsonForm::kJson || is_number) return Make(InlineFormat<Offset>{}, form);
  if (form.form == JsonForm::kGeometry) return Make(GeometryFormat<Offset, true>{}, form);
  return Make(TextFormat<Offset>{}, form);
}

template <class Offset>
ValueWriterPtr MakeBinary(const ValueForm& form) {
  if (form.form == JsonForm::kGeometry) return Make(GeometryFormat<Offset, false>{}, form);
  return Make(BinaryFormat<Offset>{}, form);
}

template <class T>
ValueWriterPtr MakeTimestamp(const ValueForm& form, const ArrowType& type, std::int64_t seconds_per_unit,
                             const WriterContext& context) {
  const bool shifted = form.form == JsonForm::kTimestamp || (form.form != JsonForm::kDateTime && type.has_zone);
  const auto zone = shifted ? context.zone : nullptr;
  if (form.form == JsonForm::kDate) {
    return Make(TimestampFormat<T, true>{type.per_second, seconds_per_unit, zone}, form);
  }
  return Make(TimestampFormat<T, false>{type.per_second, seconds_per_unit, zone}, form);
}

// Dates count days or, as date64, milliseconds.
Result<ValueWriterPtr> MakeDate(const ValueForm& form, const ArrowType& type, const WriterContext& context) {
  const bool wide = type.kind == ArrowKind::kDate64;
  if (form.form == JsonForm::kTimestamp || form.form == JsonForm::kDateTime) {
    ArrowType instants;
    instants.per_second = wide ? 1000 : 1;
    if (wide) return MakeTimestamp<std::int64_t>(form, instants, 1, context);
    return MakeTimestamp<std::int32_t>(form, instants, kSecondsPerDay, context);
  }
  if (wide) return Make(DateFormat<std::int64_t>{kSecondsPerDay * 1000}, form);
  return Make(DateFormat<std::int32_t>{1}, form);
}

template <class Read>
ValueWriterPtr MakeInterval(Read read, const ValueForm& form) {
  return Make(IntervalFormat<Read>{read}, form);
}

Result<ValueWriterPtr> MakeDictionary(const ValueForm& form, const ArrowType& type, ValueWriterPtr values) {
  const std::string& text = form.null_text;
  switch (type.kind) {
    case ArrowKind::kUInt8: return std::make_unique<DictionaryWriter<std::uint8_t>>(std::move(values), text);
    case ArrowKind::kUInt16: return std::make_unique<DictionaryWriter<std::uint16_t>>(std::move(values), text);
    case ArrowKind::kUInt32: return std::make_unique<DictionaryWriter<std::uint32_t>>(std::move(values), text);
    case ArrowKind::kInt8: return std::make_unique<DictionaryWriter<std::int8_t>>(std::move(values), text);
    case ArrowKind::kInt16: return std::make_unique<DictionaryWriter<std::int16_t>>(std::move(values), text);
    case ArrowKind::kInt32: return std::make_unique<DictionaryWriter<std::int32_t>>(std::move(values), text);
    case ArrowKind::kInt64: return std::make_unique<DictionaryWriter<std::int64_t>>(std::move(values), text);
    default: return Error(ErrorCode::kInternal, "a dictionary's indexes are no integers");
  }
}

}  // namespace

Result<ValueWriterPtr> MakeScalarWriter(const ValueForm& form, const ArrowSchema& schema,
                                        const WriterContext& context) {
  EIDER_ASSIGN_OR_RETURN(const ArrowType type, ReadArrowType(schema));
  if (schema.dictionary != nullptr) {
    EIDER_ASSIGN_OR_RETURN(ValueWriterPtr values, MakeValueWriter(form, *schema.dictionary, context));
    return MakeDictionary(form, type, std::move(values));
  }
  switch (type.kind) {
    case ArrowKind::kNull: return std::make_unique<NullWriter>(form.null_text);
    case ArrowKind::kBool: return MakePlain(BoolFormat{}, form, schema);
    case ArrowKind::kInt8: return MakePlain(IntegerFormat<std::int8_t>{}, form, schema);
    case ArrowKind::kInt16: return MakePlain(IntegerFormat<std::int16_t>{}, form, schema);
    case ArrowKind::kInt32: return MakePlain(IntegerFormat<std::int32_t>{}, form, schema);
    case ArrowKind::kInt64: return MakePlain(IntegerFormat<std::int64_t>{}, form, schema);
    case ArrowKind::kUInt8: return MakePlain(IntegerFormat<std::uint8_t>{}, form, schema);
    case ArrowKind::kUInt16: return MakePlain(IntegerFormat<std::uint16_t>{}, form, schema);
    case ArrowKind::kUInt32: return MakePlain(IntegerFormat<std::uint32_t>{}, form, schema);
    case ArrowKind::kUInt64: return MakePlain(IntegerFormat<std::uint64_t>{}, form, schema);
    case ArrowKind::kFloat: return MakeFloat<float>(form, schema);
    case ArrowKind::kDouble: return MakeFloat<double>(form, schema);
    case ArrowKind::kDecimal128: return MakePlain(DecimalFormat{type.scale}, form, schema);
    case ArrowKind::kText: return MakeText<std::int32_t>(form, schema);
    case ArrowKind::kLargeText: return MakeText<std::int64_t>(form, schema);
    case ArrowKind::kBinary: return MakeBinary<std::int32_t>(form);
    case ArrowKind::kLargeBinary: return MakeBinary<std::int64_t>(form);
    case ArrowKind::kFixedBinary: return Make(FixedBinaryFormat{type.size}, form);
    case ArrowKind::kDate32:
    case ArrowKind::kDate64: return MakeDate(form, type, context);
    case ArrowKind::kTime32: return Make(TimeFormat<std::int32_t>{type.per_second}, form);
    case ArrowKind::kTime64: return Make(TimeFormat<std::int64_t>{type.per_second}, form);
    case ArrowKind::kTimestamp: return MakeTimestamp<std::int64_t>(form, type, 1, context);
    case ArrowKind::kDuration: return MakeInterval(ReadDuration{1'000'000'000 / type.per_second}, form);
    case ArrowKind::kMonths: return MakeInterval(ReadMonths{}, form);
    case ArrowKind::kDayMillis: return MakeInterval(ReadDayMillis{}, form);
    case ArrowKind::kMonthDayNano: return MakeInterval(ReadMonthDayNano{}, form);
    default: return Error(ErrorCode::kInternal, "no scalar Arrow type: " + std::string(schema.format));
  }
}

}  // namespace eider::columnar
