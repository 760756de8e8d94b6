#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "base/text.h"
#include "columnar/arrow_type.h"
#include "columnar/scalar_formats.h"
#include "columnar/value_writer.h"

namespace eider::columnar {
namespace {

struct Range {
  std::int64_t first;
  std::int64_t last;
};

template <class Offset>
struct OffsetRange {
  Range operator()(const ArrowArray& column, std::int64_t at) const {
    return {ValueAt<Offset>(column, at), ValueAt<Offset>(column, at + 1)};
  }
};

struct FixedRange {
  std::int64_t size;
  Range operator()(const ArrowArray& /*column*/, std::int64_t at) const { return {at * size, (at + 1) * size}; }
};

template <class Elements>
class ListWriter final : public ValueWriter {
 public:
  ListWriter(Elements elements, ValueWriterPtr element, const std::string& null_text)
      : elements_(elements),
        element_(std::move(element)),
        null_text_(null_text) {}

  void Write(const ArrowArray& column, std::int64_t index, JsonSink& sink) const override {
    const std::int64_t position = index + column.offset;
    if (IsNull(column, position)) return null_text_.WriteTo(sink);
    const Range range = elements_(column, position);
    const ArrowArray& child = *column.children[0];
    sink.Put('[');
    for (std::int64_t i = range.first; i < range.last; ++i) {
      if (i != range.first) sink.Put(',');
      element_->Write(child, i, sink);
    }
    sink.Put(']');
  }

 private:
  const Elements elements_;
  const ValueWriterPtr element_;
  const FixedText null_text_;
};

// A map as an object; its child is a struct of key and value.
class MapWriter final : public ValueWriter {
 public:
  MapWriter(ValueWriterPtr key, ValueWriterPtr value, const std::string& null_text)
      : key_(std::move(key)),
        value_(std::move(value)),
        null_text_(null_text) {}

  void Write(const ArrowArray& column, std::int64_t index, JsonSink& sink) const override {
    const std::int64_t position = index + column.offset;
    if (IsNull(column, position)) return null_text_.WriteTo(sink);
    const Range range = OffsetRange<std::int32_t>()(column, position);
    const ArrowArray& entries = *column.children[0];
    sink.Put('{');
    for (std::int64_t i = range.first; i < range.last; ++i) {
      if (i != range.first) sink.Put(',');
      key_->Write(*entries.children[0], i + entries.offset, sink);
      sink.Put(':');
      value_->Write(*entries.children[1], i + entries.offset, sink);
    }
    sink.Put('}');
  }

 private:
  const ValueWriterPtr key_;
  const ValueWriterPtr value_;
  const FixedText null_text_;
};

// The value of whichever member a union holds.
class UnionWriter final : public ValueWriter {
 public:
  struct Member {
    std::int64_t child = -1;
    ValueWriterPtr writer;
  };

  UnionWriter(std::array<Member, 128> members, bool dense) : members_(std::move(members)), dense_(dense) {}

  void Write(const ArrowArray& column, std::int64_t index, JsonSink& sink) const override {
    const std::int64_t position = index + column.offset;
    const auto tag = static_cast<const std::int8_t*>(column.buffers[0])[position];
    const Member& member = members_[static_cast<std::size_t>(tag & 0x7F)];
    if (member.child < 0) return sink.Append("null");
    const std::int64_t at = dense_ ? ValueAt<std::int32_t>(column, position) : position;
    member.writer->Write(*column.children[member.child], at, sink);
  }

 private:
  const std::array<Member, 128> members_;
  const bool dense_;
};

Result<ValueWriterPtr> MakeStruct(const ValueForm& form, const ArrowSchema& schema, const WriterContext& context) {
  Shape shape;
  shape.form = JsonForm::kObject;
  shape.null_text = form.null_text;
  for (std::int64_t i = 0; i < schema.n_children; ++i) {
    Shape member;
    member.key = schema.children[i]->name == nullptr ? "" : schema.children[i]->name;
    member.column = static_cast<int>(i);
    shape.members.push_back(std::move(member));
  }
  return MakeShapeWriter(shape, schema, context);
}

Result<ValueWriterPtr> MakeMap(const ValueForm& form, const ArrowSchema& schema, const WriterContext& context) {
  const ArrowSchema& entries = *schema.children[0];
  if (entries.n_children != 2) return Error(ErrorCode::kInternal, "a map has no key and value");
  EIDER_ASSIGN_OR_RETURN(ValueWriterPtr key, MakeValueWriter({JsonForm::kString}, *entries.children[0], context));
  EIDER_ASSIGN_OR_RETURN(ValueWriterPtr value, MakeValueWriter({}, *entries.children[1], context));
  return std::make_unique<MapWriter>(std::move(key), std::move(value), form.null_text);
}

Result<ValueWriterPtr> MakeUnion(const ArrowType& type, const ArrowSchema& schema, const WriterContext& context) {
  std::array<UnionWriter::Member, 128> members;
  const auto ids = SplitText(type.type_ids, ',');
  for (std::int64_t i = 0; i < schema.n_children && i < static_cast<std::int64_t>(ids.size()); ++i) {
    const std::string_view text = ids[static_cast<std::size_t>(i)];
    unsigned id = 0;
    std::from_chars(text.data(), text.data() + text.size(), id);
    if (id >= members.size()) return Error(ErrorCode::kInternal, "a union's type id is out of range");
    EIDER_ASSIGN_OR_RETURN(members[id].writer, MakeValueWriter({}, *schema.children[i], context));
    members[id].child = i;
  }
  return std::make_unique<UnionWriter>(std::move(members), type.kind == ArrowKind::kDenseUnion);
}

}  // namespace

Result<ValueWriterPtr> MakeListWriter(const ArrowSchema& schema, ValueWriterPtr element, const std::string& null_text) {
  EIDER_ASSIGN_OR_RETURN(const ArrowType type, ReadArrowType(schema));
  switch (type.kind) {
    case ArrowKind::kList:
      return std::make_unique<ListWriter<OffsetRange<std::int32_t>>>(OffsetRange<std::int32_t>{}, std::move(element),
                                                                     null_text);
    case ArrowKind::kLargeList:
      return std::make_unique<ListWriter<OffsetRange<std::int64_t>>>(OffsetRange<std::int64_t>{}, std::move(element),
                                                                     null_text);
    case ArrowKind::kFixedList:
      return std::make_unique<ListWriter<FixedRange>>(FixedRange{type.size}, std::move(element), null_text);
    default: return Error(ErrorCode::kInternal, "no list but Arrow type: " + std::string(schema.format));
  }
}

Result<ValueWriterPtr> MakeNestedWriter(const ValueForm& form, const ArrowSchema& schema,
                                        const WriterContext& context) {
  EIDER_ASSIGN_OR_RETURN(const ArrowType type, ReadArrowType(schema));
  switch (type.kind) {
    case ArrowKind::kStruct: return MakeStruct(form, schema, context);
    case ArrowKind::kMap: return MakeMap(form, schema, context);
    case ArrowKind::kSparseUnion:
    case ArrowKind::kDenseUnion: return MakeUnion(type, schema, context);
    default: break;
  }
  if (schema.n_children != 1) return Error(ErrorCode::kInternal, "a list has no element type");
  // The form of a list of scalars is that of its elements.
  EIDER_ASSIGN_OR_RETURN(ValueWriterPtr element, MakeValueWriter({form.form}, *schema.children[0], context));
  return MakeListWriter(schema, std::move(element), form.null_text);
}

Result<ValueWriterPtr> MakeValueWriter(const ValueForm& form, const ArrowSchema& schema, const WriterContext& context) {
  if (schema.format != nullptr && schema.format[0] == '+') return MakeNestedWriter(form, schema, context);
  return MakeScalarWriter(form, schema, context);
}

}  // namespace eider::columnar
