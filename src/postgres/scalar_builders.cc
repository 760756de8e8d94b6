#include "postgres/scalar_builders.h"

#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "columnar/field_mark.h"
#include "postgres/arrow_parts.h"
#include "postgres/scalar_values.h"

namespace eider::postgres {
namespace {

template <class Reader>
class FixedBuilder final : public ColumnBuilder {
 public:
  explicit FixedBuilder(const char* format) : format_(format) {}

  Status Append(std::string_view value) override {
    typename Reader::Value read;
    if (value.size() != Reader::kSize || !Reader::Read(value.data(), read)) return BrokenValue(format_);
    Add(read);
    validity_.AppendValue();
    return {};
  }

  void AppendNull() override {
    Add({});
    validity_.AppendNull();
  }

  void Finish(ArrowArray& array) override {
    auto memory = std::make_unique<ArrayMemory>();
    memory->values.swap(values_);
    const void* values = memory->values.data();
    ExportArray(std::move(memory), validity_, {values}, array);
  }

  void Reset() override {
    values_.clear();
    validity_.Clear();
  }

  void Describe(std::string_view name, ArrowSchema& schema) const override {
    ExportSchema(name, format_, {}, nullptr, schema);
  }

 private:
  void Add(const typename Reader::Value& value) {
    const std::size_t at = values_.size();
    values_.resize(at + sizeof value);
    std::memcpy(values_.data() + at, &value, sizeof value);
  }

  const char* const format_;
  std::vector<char> values_;
  Validity validity_;
};

class BoolBuilder final : public ColumnBuilder {
 public:
  Status Append(std::string_view value) override {
    if (value.size() != 1) return BrokenValue("bool");
    Add(value.front() != 0);
    validity_.AppendValue();
    return {};
  }

  void AppendNull() override {
    Add(false);
    validity_.AppendNull();
  }

  void Finish(ArrowArray& array) override {
    auto memory = std::make_unique<ArrayMemory>();
    memory->values.swap(bits_);
    const void* bits = memory->values.data();
    ExportArray(std::move(memory), validity_, {bits}, array);
  }

  void Reset() override {
    bits_.clear();
    validity_.Clear();
  }

  void Describe(std::string_view name, ArrowSchema& schema) const override {
    ExportSchema(name, "b", {}, nullptr, schema);
  }

 private:
  void Add(bool value) {
    const auto at = static_cast<std::size_t>(validity_.size());
    if (at % 8 == 0) bits_.push_back(0);
    if (value) bits_.back() = static_cast<char>(bits_.back() | (1 << (at % 8)));
  }

  std::vector<char> bits_;
  Validity validity_;
};

// Texts and bytes; `Text` makes them of the binary form.
template <class Text>
class BytesBuilder final : public ColumnBuilder {
 public:
  BytesBuilder(const char* format, const char* metadata) : format_(format), metadata_(metadata) {}

  Status Append(std::string_view value) override {
    const NumericKind kind = Text::Append(value, text_);
    if (kind == NumericKind::kBroken) return BrokenValue(format_);
    if (text_.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
      return Error(ErrorCode::kResultTooLarge, "the texts of some rows together have more than 2 GiB");
    }
    offsets_.push_back(static_cast<std::int32_t>(text_.size()));
    if (kind == NumericKind::kNumber) {
      validity_.AppendValue();
    } else {
      validity_.AppendNull();
    }
    return {};
  }

  void AppendNull() override {
    offsets_.push_back(offsets_.back());
    validity_.AppendNull();
  }

  void Finish(ArrowArray& array) override {
    auto memory = std::make_unique<ArrayMemory>();
    memory->text.swap(text_);
    memory->offsets = std::exchange(offsets_, {0});
    const std::vector<const void*> buffers = {memory->offsets.data(), memory->text.data()};
    ExportArray(std::move(memory), validity_, buffers, array);
  }

  void Reset() override {
    text_.clear();
    offsets_.assign(1, 0);
    validity_.Clear();
  }

  void Describe(std::string_view name, ArrowSchema& schema) const override {
    ExportSchema(name, format_, {}, metadata_, schema);
  }

 private:
  const char* const format_;
  const char* const metadata_;
  std::string text_;
  std::vector<std::int32_t> offsets_{0};
  Validity validity_;
};

template <class Reader>
std::unique_ptr<ColumnBuilder> Fixed(const char* format) {
  return std::make_unique<FixedBuilder<Reader>>(format);
}

template <class Text>
std::unique_ptr<ColumnBuilder> Bytes(const char* format = "u", const char* metadata = nullptr) {
  return std::make_unique<BytesBuilder<Text>>(format, metadata);
}

}  // namespace

std::unique_ptr<ColumnBuilder> MakeTextBuilder() { return Bytes<PlainText>(); }

std::unique_ptr<ColumnBuilder> MakeScalarBuilder(TypeId type) {
  switch (type) {
    case kBool: return std::make_unique<BoolBuilder>();
    case kInt2: return Fixed<PlainValue<std::int16_t>>("s");
    case kInt4: return Fixed<PlainValue<std::int32_t>>("i");
    case kInt8: return Fixed<PlainValue<std::int64_t>>("l");
    case kOid: return Fixed<PlainValue<std::uint32_t>>("I");
    case kFloat4: return Fixed<FloatValue<float, std::uint32_t>>("f");
    case kFloat8: return Fixed<FloatValue<double, std::uint64_t>>("g");
    case kDate: return Fixed<SinceEpoch<std::int32_t, kEpochDays>>("tdD");
    case kTime: return Fixed<TimeOfDay<8>>("ttu");
    case kTimetz: return Fixed<TimeOfDay<12>>("ttu");
    case kTimestamp: return Fixed<SinceEpoch<std::int64_t, kEpochMicros>>("tsu:");
    case kTimestamptz: return Fixed<SinceEpoch<std::int64_t, kEpochMicros>>("tsu:UTC");
    case kInterval: return Fixed<IntervalValue>("tin");
    case kNumeric: return Bytes<NumericText>("u", columnar::NumberTextMetadata());
    case kUuid: return Bytes<UuidText>();
    case kJsonb: return Bytes<JsonbText>();
    case kBytea: return Bytes<PlainText>("z");
    case kJson:
    case kXml:
    case kText:
    case kChar:
    case kName:
    case kUnknown:
    case kBpchar:
    case kVarchar:
    case kCstring:
    case kVoid: return MakeTextBuilder();
    default: return nullptr;
  }
}

Error BrokenValue(std::string_view type) {
  return Error(ErrorCode::kInternal, ErrorSource::kDependency,
               "PostgreSQL sent a value that cannot be held as Arrow type " + std::string(type));
}

}  // namespace eider::postgres
