#include "columnar/object_writer.h"

#include <utility>

#include "base/text.h"

namespace eider::columnar {

// Builds an ObjectWriter; `text_` gathers what stands before the next value.
class ObjectCompiler {
 public:
  ObjectCompiler(const ArrowSchema& schema, const WriterContext& context) : schema_(schema), context_(context) {}

  Result<ObjectWriter> Compile(const Shape& shape) {
    if (shape.presence >= 0) EIDER_RETURN_IF_ERROR(CheckColumn(shape.presence));
    writer_.presence_ = shape.presence;
    writer_.null_text_ = FixedText(shape.null_text);
    text_ = "{";
    bool first = true;
    for (const Shape& member : shape.members) {
      if (!first) text_.push_back(',');
      first = false;
      AppendJsonString(text_, member.key);
      text_.push_back(':');
      EIDER_RETURN_IF_ERROR(AddMember(member));
    }
    text_.push_back('}');
    writer_.end_ = FixedText(text_);
    return std::move(writer_);
  }

 private:
  Status CheckColumn(int column) const {
    if (column >= 0 && column < schema_.n_children) return {};
    return Error(ErrorCode::kInternal,
                 "a shape names a column that the result does not have: " + std::to_string(column));
  }

  Status AddMember(const Shape& member) {
    if (member.form == JsonForm::kConstant) {
      text_.append(member.constant);
      return {};
    }
    ObjectWriter::Part part;
    if (member.form == JsonForm::kObject && member.column < 0) {
      EIDER_ASSIGN_OR_RETURN(auto object, ObjectWriter::Compile(member, schema_, context_));
      part.object = std::make_unique<ObjectWriter>(std::move(object));
    } else {
      EIDER_RETURN_IF_ERROR(CheckColumn(member.column));
      part.column = member.column;
      EIDER_ASSIGN_OR_RETURN(part.value, MakeShapeWriter(member, *schema_.children[member.column], context_));
    }
    part.before = FixedText(std::exchange(text_, {}));
    writer_.parts_.push_back(std::move(part));
    return {};
  }

  const ArrowSchema& schema_;
  const WriterContext& context_;
  ObjectWriter writer_;
  std::string text_;
};

Result<ObjectWriter> ObjectWriter::Compile(const Shape& shape, const ArrowSchema& schema,
                                           const WriterContext& context) {
  return ObjectCompiler(schema, context).Compile(shape);
}

void ObjectWriter::Write(const ArrowArray& container, std::int64_t position, JsonSink& sink) const {
  if (presence_ >= 0) {
    const ArrowArray& column = *container.children[presence_];
    if (IsNull(column, position + column.offset)) return null_text_.WriteTo(sink);
  }
  for (const Part& part : parts_) {
    part.before.WriteTo(sink);
    if (part.value != nullptr) {
      part.value->Write(*container.children[part.column], position, sink);
    } else {
      part.object->Write(container, position, sink);
    }
  }
  end_.WriteTo(sink);
}

namespace {

// An object whose members live in a struct column.
class StructWriter final : public ValueWriter {
 public:
  StructWriter(ObjectWriter object, const std::string& null_text) : object_(std::move(object)), null_text_(null_text) {}

  void Write(const ArrowArray& column, std::int64_t index, JsonSink& sink) const override {
    const std::int64_t position = index + column.offset;
    if (IsNull(column, position)) return null_text_.WriteTo(sink);
    object_.Write(column, position, sink);
  }

 private:
  const ObjectWriter object_;
  const FixedText null_text_;
};

class ConstantWriter final : public ValueWriter {
 public:
  explicit ConstantWriter(const std::string& text) : text_(text) {}
  void Write(const ArrowArray& /*column*/, std::int64_t /*index*/, JsonSink& sink) const override {
    text_.WriteTo(sink);
  }

 private:
  const FixedText text_;
};

}  // namespace

Result<ValueWriterPtr> MakeShapeWriter(const Shape& shape, const ArrowSchema& schema, const WriterContext& context) {
  // A column without any value may not have a type yet, whatever its shape.
  const bool has_type = schema.format != std::string_view("n");
  if (!has_type && shape.form != JsonForm::kConstant) return MakeValueWriter({{}, shape.null_text}, schema, context);
  switch (shape.form) {
    case JsonForm::kConstant: return std::make_unique<ConstantWriter>(shape.constant);
    case JsonForm::kObject: {
      if (schema.format != std::string_view("+s")) {
        return Error(ErrorCode::kInternal,
                     "an object's column is no struct but Arrow type: " + std::string(schema.format));
      }
      EIDER_ASSIGN_OR_RETURN(auto object, ObjectWriter::Compile(shape, schema, context));
      return std::make_unique<StructWriter>(std::move(object), shape.null_text);
    }
    case JsonForm::kList: {
      if (shape.members.size() != 1 || schema.n_children != 1) {
        return Error(ErrorCode::kInternal, "a list's shape and column do not fit: " + std::string(schema.format));
      }
      EIDER_ASSIGN_OR_RETURN(auto element, MakeShapeWriter(shape.members[0], *schema.children[0], context));
      return MakeListWriter(schema, std::move(element), shape.null_text);
    }
    default: return MakeValueWriter({shape.form, shape.null_text}, schema, context);
  }
}

}  // namespace eider::columnar
