#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <fmt/format.h>
#include <charconv>

#include "base/exact_number.h"
#include "graphql/coerce.h"

namespace eider::graphql {
namespace {

Value MakeList(std::span<const Value> items) {
  Value value;
  value.kind = ValueKind::kList;
  value.count = static_cast<uint32_t>(items.size());
  value.item_data = items.data();
  return value;
}

Value MakeObject(std::span<const NamedValue> fields) {
  Value value;
  value.kind = ValueKind::kObject;
  value.count = static_cast<uint32_t>(fields.size());
  value.field_data = fields.data();
  return value;
}

Value MakeScalar(ValueKind kind, std::string_view text) {
  Value value;
  value.kind = kind;
  value.text = text;
  return value;
}

std::string DoubleText(double number) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  return std::string(buffer, end);
}

ValueKind KindOfNumber(std::string_view digits) {
  return digits.find_first_of(".eE") == std::string_view::npos ? ValueKind::kInt : ValueKind::kFloat;
}

constexpr size_t kMaxDepth = 500;

GraphqlError DepthError() { return {fmt::format("JSON is nested deeper than {} levels", kMaxDepth), {}, {}}; }

bool IsTooDeep(const rapidjson::Value& json, size_t depth) {
  if (!json.IsArray() && !json.IsObject()) return false;
  if (depth == kMaxDepth) return true;
  if (json.IsArray()) {
    for (const auto& item : json.GetArray()) {
      if (IsTooDeep(item, depth + 1)) return true;
    }
    return false;
  }
  for (const auto& member : json.GetObject()) {
    if (IsTooDeep(member.value, depth + 1)) return true;
  }
  return false;
}

Value Convert(const rapidjson::Value& json, Arena& arena) {
  const auto text = [](const rapidjson::Value& string) {
    return std::string_view(string.GetString(), string.GetStringLength());
  };
  switch (json.GetType()) {
    case rapidjson::kNullType: return MakeScalar(ValueKind::kNull, "null");
    case rapidjson::kFalseType: return MakeScalar(ValueKind::kBoolean, "false");
    case rapidjson::kTrueType: return MakeScalar(ValueKind::kBoolean, "true");
    case rapidjson::kStringType:
      if (const std::string_view digits = ExactNumber(text(json)); !digits.empty()) {
        return MakeScalar(KindOfNumber(digits), arena.CopyText(digits));
      }
      return MakeScalar(ValueKind::kString, arena.CopyText(text(json)));
    case rapidjson::kNumberType:
      if (json.IsInt64()) return MakeScalar(ValueKind::kInt, arena.CopyText(fmt::format("{}", json.GetInt64())));
      if (json.IsUint64()) return MakeScalar(ValueKind::kInt, arena.CopyText(fmt::format("{}", json.GetUint64())));
      return MakeScalar(ValueKind::kFloat, arena.CopyText(DoubleText(json.GetDouble())));
    case rapidjson::kArrayType: {
      std::vector<Value> items;
      items.reserve(json.Size());
      for (const auto& item : json.GetArray()) items.push_back(Convert(item, arena));
      return MakeList(arena.Copy(std::span<const Value>(items)));
    }
    case rapidjson::kObjectType: {
      std::vector<NamedValue> fields;
      fields.reserve(json.MemberCount());
      for (const auto& member : json.GetObject()) {
        fields.push_back({arena.CopyText(text(member.name)), Convert(member.value, arena), 0});
      }
      return MakeObject(arena.Copy(std::span<const NamedValue>(fields)));
    }
  }
  return {};
}

// Builds values bottom-up from parser events; the stacks hold the members of all open lists and objects.
class ValueHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, ValueHandler> {
 public:
  explicit ValueHandler(Arena& arena) : arena_(arena) {}

  bool Null() { return Push(MakeScalar(ValueKind::kNull, "null")); }
  bool Bool(bool value) { return Push(MakeScalar(ValueKind::kBoolean, value ? "true" : "false")); }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return Push(MakeScalar(ValueKind::kString, arena_.CopyText({text, size})));
  }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    const std::string_view digits(text, size);
    return Push(MakeScalar(KindOfNumber(digits), arena_.CopyText(digits)));
  }
  bool StartObject() { return ++depth_ <= kMaxDepth; }
  bool StartArray() { return ++depth_ <= kMaxDepth; }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    keys_.push_back(arena_.CopyText({text, size}));
    return true;
  }
  bool EndArray(rapidjson::SizeType count) {
    --depth_;
    const auto list = arena_.Copy(std::span<const Value>(values_).last(count));
    values_.erase(values_.end() - static_cast<std::ptrdiff_t>(count), values_.end());
    return Push(MakeList(list));
  }
  bool EndObject(rapidjson::SizeType count) {
    --depth_;
    std::vector<NamedValue> fields;
    fields.reserve(count);
    const size_t first_key = keys_.size() - count;
    const size_t first_value = values_.size() - count;
    for (size_t i = 0; i < count; ++i) fields.push_back({keys_[first_key + i], values_[first_value + i], 0});
    keys_.resize(first_key);
    values_.resize(first_value);
    return Push(MakeObject(arena_.Copy(std::span<const NamedValue>(fields))));
  }

  const Value& result() const { return values_.front(); }
  bool is_too_deep() const { return depth_ > kMaxDepth; }

 private:
  bool Push(const Value& value) {
    values_.push_back(value);
    return true;
  }

  Arena& arena_;
  size_t depth_ = 0;
  std::vector<Value> values_;
  std::vector<std::string_view> keys_;
};

}  // namespace

GraphqlResult<const Value*> JsonToValue(const rapidjson::Value& json, Arena& arena) {
  if (IsTooDeep(json, 0)) return tl::unexpected(DepthError());
  return arena.New<Value>(Convert(json, arena));
}

GraphqlResult<const Value*> ParseJson(std::string_view json, Arena& arena) {
  constexpr unsigned kFlags =
      rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  ValueHandler handler(arena);
  rapidjson::Reader reader;
  rapidjson::MemoryStream stream(json.data(), json.size());
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, handler);
  if (handler.is_too_deep()) return tl::unexpected(DepthError());
  if (!result) {
    return tl::unexpected(GraphqlError{
        fmt::format("{} (at byte {} of the JSON text)", rapidjson::GetParseError_En(result.Code()), result.Offset()),
        {},
        {}});
  }
  return arena.New<Value>(handler.result());
}

}  // namespace eider::graphql
