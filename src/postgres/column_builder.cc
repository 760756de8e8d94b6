#include "postgres/column_builder.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "postgres/arrow_parts.h"
#include "postgres/scalar_builders.h"
#include "postgres/wire_reader.h"

namespace eider::postgres {
namespace {

// Deeper than any request nests lists.
constexpr int kMaxDepth = 100;

Result<std::unique_ptr<ColumnBuilder>> Make(TypeId type, BuilderContext& context, int depth);

Status AppendValue(WireReader& reader, std::int32_t size, ColumnBuilder& builder) {
  if (size < 0) {
    builder.AppendNull();
    return {};
  }
  const std::string_view bytes = reader.Bytes(static_cast<std::size_t>(size));
  if (!reader.ok()) return BrokenValue("nested");
  return builder.Append(bytes);
}

// Arrays of any number of dimensions, their elements one after the other. Source of the form: array_send.
class ListBuilder final : public ColumnBuilder {
 public:
  ListBuilder(TypeId element, std::unique_ptr<ColumnBuilder> builder) : type_(element), element_(std::move(builder)) {}

  Status Append(std::string_view value) override {
    WireReader reader(value);
    const auto dimensions = reader.Number<std::int32_t>();
    (void)reader.Number<std::int32_t>();  // Whether there are nulls.
    const auto type = reader.Number<TypeId>();
    if (!reader.ok() || dimensions < 0 || type != type_) return BrokenValue("list");
    std::int64_t count = dimensions == 0 ? 0 : 1;
    for (std::int32_t i = 0; i < dimensions; ++i) {
      const auto length = reader.Number<std::int32_t>();
      (void)reader.Number<std::int32_t>();  // Index of the first element.
      if (!reader.ok() || length < 0 || __builtin_mul_overflow(count, std::int64_t{length}, &count)) {
        return BrokenValue("list");
      }
    }
    // Each element has a length of four bytes before it.
    if (count > static_cast<std::int64_t>(reader.left() / 4)) return BrokenValue("list");
    for (std::int64_t i = 0; i < count; ++i) {
      EIDER_RETURN_IF_ERROR(AppendValue(reader, reader.Number<std::int32_t>(), *element_));
    }
    if (offsets_.back() > std::numeric_limits<std::int32_t>::max() - count) {
      return Error(ErrorCode::kResultTooLarge, "the lists of some rows together have more than 2^31 elements");
    }
    offsets_.push_back(offsets_.back() + static_cast<std::int32_t>(count));
    validity_.AppendValue();
    return {};
  }

  void AppendNull() override {
    offsets_.push_back(offsets_.back());
    validity_.AppendNull();
  }

  void Finish(ArrowArray& array) override {
    auto memory = std::make_unique<ArrayMemory>();
    memory->offsets = std::exchange(offsets_, {0});
    memory->children.resize(1);
    element_->Finish(memory->children[0]);
    const void* offsets = memory->offsets.data();
    ExportArray(std::move(memory), validity_, {offsets}, array);
  }

  void Reset() override {
    offsets_.assign(1, 0);
    validity_.Clear();
    element_->Reset();
  }

  void Describe(std::string_view name, ArrowSchema& schema) const override {
    std::vector<ArrowSchema> children(1);
    element_->Describe("item", children[0]);
    ExportSchema(name, "+l", std::move(children), nullptr, schema);
  }

 private:
  const TypeId type_;
  const std::unique_ptr<ColumnBuilder> element_;
  std::vector<std::int32_t> offsets_{0};
  Validity validity_;
};

// Rows within a value. What they hold stands in each of them. Source of the form: record_send.
class RecordBuilder final : public ColumnBuilder {
 public:
  RecordBuilder(std::vector<std::string> names, BuilderContext& context, int depth)
      : names_(std::move(names)),
        context_(context),
        depth_(depth) {}

  Status Append(std::string_view value) override {
    WireReader reader(value);
    const auto count = reader.Number<std::int32_t>();
    if (!reader.ok() || count < 0) return BrokenValue("struct");
    if (!known_) EIDER_RETURN_IF_ERROR(Learn(count, reader));
    if (static_cast<std::size_t>(count) != fields_.size()) return BrokenValue("struct");
    for (Field& field : fields_) {
      const auto type = reader.Number<TypeId>();
      const auto size = reader.Number<std::int32_t>();
      if (!reader.ok() || type != field.type) return BrokenValue("struct");
      EIDER_RETURN_IF_ERROR(AppendValue(reader, size, *field.builder));
    }
    validity_.AppendValue();
    return {};
  }

  void AppendNull() override {
    for (Field& field : fields_) field.builder->AppendNull();
    validity_.AppendNull();
  }

  void Finish(ArrowArray& array) override {
    if (!known_) {
      ExportNulls(validity_.size(), array);
      return validity_.Clear();
    }
    auto memory = std::make_unique<ArrayMemory>();
    memory->children.resize(fields_.size());
    for (std::size_t i = 0; i < fields_.size(); ++i) fields_[i].builder->Finish(memory->children[i]);
    ExportArray(std::move(memory), validity_, {}, array);
  }

  void Reset() override {
    for (Field& field : fields_) field.builder->Reset();
    validity_.Clear();
  }

  void Describe(std::string_view name, ArrowSchema& schema) const override {
    if (!known_) return ExportSchema(name, "n", {}, nullptr, schema);
    std::vector<ArrowSchema> children(fields_.size());
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      fields_[i].builder->Describe(i < names_.size() ? names_[i] : "f" + std::to_string(i + 1), children[i]);
    }
    ExportSchema(name, "+s", std::move(children), nullptr, schema);
  }

 private:
  struct Field {
    TypeId type;
    std::unique_ptr<ColumnBuilder> builder;
  };

  // Makes the fields of the first value, with a null for each row before it.
  Status Learn(std::int32_t count, WireReader reader) {
    std::vector<Field> fields;
    for (std::int32_t i = 0; i < count; ++i) {
      const auto type = reader.Number<TypeId>();
      const auto size = reader.Number<std::int32_t>();
      if (size > 0) (void)reader.Bytes(static_cast<std::size_t>(size));
      if (!reader.ok()) return BrokenValue("struct");
      EIDER_ASSIGN_OR_RETURN(auto builder, Make(type, context_, depth_ + 1));
      for (std::int64_t row = 0; row < validity_.size(); ++row) builder->AppendNull();
      fields.push_back({type, std::move(builder)});
    }
    fields_ = std::move(fields);
    known_ = true;
    context_.schema_changed = true;
    return {};
  }

  const std::vector<std::string> names_;
  BuilderContext& context_;
  const int depth_;
  bool known_ = false;
  std::vector<Field> fields_;
  Validity validity_;
};

Result<std::unique_ptr<ColumnBuilder>> Make(TypeId type, BuilderContext& context, int depth) {
  if (depth > kMaxDepth) return Error(ErrorCode::kQueryTooComplex, "a result nests its rows too deeply");
  PgType known = context.types.Find(type);
  switch (known.form) {
    case TypeForm::kText: return MakeTextBuilder();
    case TypeForm::kRecord:
      return std::unique_ptr<ColumnBuilder>(
          std::make_unique<RecordBuilder>(std::move(known.field_names), context, depth));
    case TypeForm::kArray: {
      EIDER_ASSIGN_OR_RETURN(auto element, Make(known.element, context, depth + 1));
      return std::unique_ptr<ColumnBuilder>(std::make_unique<ListBuilder>(known.element, std::move(element)));
    }
    case TypeForm::kScalar:
      if (auto builder = MakeScalarBuilder(known.scalar)) return builder;
      break;
    case TypeForm::kUnknown: break;
  }
  if (known.name.empty()) context.types.MarkIncomplete();
  const std::string name = known.name.empty() ? "number " + std::to_string(type) : known.name;
  return Error(ErrorCode::kBadInput, "values of PostgreSQL type " + name + " cannot be read; cast them to text");
}

}  // namespace

Result<std::unique_ptr<ColumnBuilder>> MakeColumnBuilder(TypeId type, BuilderContext& context) {
  return Make(type, context, 0);
}

bool CanRead(TypeId type, const TypeCatalog& types) {
  const PgType known = types.Find(type);
  switch (known.form) {
    case TypeForm::kText:
    case TypeForm::kRecord:
    case TypeForm::kScalar: return true;
    case TypeForm::kArray: return CanRead(known.element, types);
    case TypeForm::kUnknown: return false;
  }
  return false;
}

}  // namespace eider::postgres
