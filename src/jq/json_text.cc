// JSON text to values and back.
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <cmath>

#include "base/text.h"
#include "columnar/number_text.h"
#include "jq/budget.h"
#include "jq/value.h"

namespace eider::jq {
namespace {

// Builds a value from JSON events, on a stack of unfinished arrays and objects.
class Builder {
 public:
  bool Null() { return Add(Value()); }
  bool Bool(bool value) { return Add(Value::Bool(value)); }
  bool Int(int value) { return Add(Value::Int(value)); }
  bool Uint(unsigned value) { return Add(Value::Int(value)); }
  bool Int64(std::int64_t value) { return Add(Value::Int(value)); }
  bool Uint64(std::uint64_t value) { return Add(Value::Double(static_cast<double>(value))); }
  bool Double(double value) { return Add(Value::Double(value)); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool /*copy*/) { return Add(Value::Number({text, size})); }
  bool String(const char* text, rapidjson::SizeType size, bool /*copy*/) { return Add(Value::Text({text, size})); }
  bool Key(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    frames_.back().key.assign(text, size);
    return true;
  }
  bool StartObject() { return Open(true); }
  bool StartArray() { return Open(false); }
  bool EndObject(rapidjson::SizeType /*count*/) {
    Value value = Value::Of(std::move(frames_.back().object));
    frames_.pop_back();
    return Add(std::move(value));
  }
  bool EndArray(rapidjson::SizeType /*count*/) {
    Value value = Value::Of(std::move(frames_.back().array));
    frames_.pop_back();
    return Add(std::move(value));
  }

  Value& result() { return result_; }
  bool too_deep() const { return frames_.size() > kMaxDepth; }

 private:
  static constexpr std::size_t kMaxDepth = 10'000;

  struct Frame {
    bool is_object = false;
    Object object;
    Array array;
    std::string key;
  };

  bool Open(bool is_object) {
    frames_.emplace_back().is_object = is_object;
    return !too_deep();
  }

  bool Add(Value value) {
    if (frames_.empty()) {
      result_ = std::move(value);
    } else if (frames_.back().is_object) {
      frames_.back().object.Set(frames_.back().key, std::move(value));
    } else {
      frames_.back().array.push_back(std::move(value));
    }
    return Budget::Spend();
  }

  std::vector<Frame> frames_;
  Value result_;
};

void AppendNumber(const Value& value, std::string& out) {
  if (!value.long_number().empty()) {
    out.append(value.long_number());
    return;
  }
  char text[columnar::kNumberRoom];
  if (value.IsInt()) {
    out.append(text, columnar::WriteInteger(value.integer(), text));
    return;
  }
  double number = value.number();
  if (std::isnan(number)) {
    out.append("null");
    return;
  }
  if (std::isinf(number)) number = std::copysign(1.7976931348623157e308, number);
  out.append(text, columnar::WriteFloat(number, text));
}

// Text that grows is checked now and then: a value may be far larger when written than in memory.
bool StillFits(const std::string& out) {
  return Budget::Spend() && Budget::HasRoom(static_cast<std::int64_t>(out.size()));
}

}  // namespace

void AppendJson(const Value& value, std::string& out) {
  switch (value.kind()) {
    case Kind::kNull: out.append("null"); return;
    case Kind::kFalse: out.append("false"); return;
    case Kind::kTrue: out.append("true"); return;
    case Kind::kNumber: return AppendNumber(value, out);
    case Kind::kString: return AppendJsonString(out, value.text());
    case Kind::kArray: {
      out.push_back('[');
      bool first = true;
      for (const Value& item : value.array()) {
        if (!StillFits(out)) return;
        if (!first) out.push_back(',');
        first = false;
        AppendJson(item, out);
      }
      out.push_back(']');
      return;
    }
    case Kind::kObject: {
      out.push_back('{');
      bool first = true;
      for (const auto& [key, member] : value.object().members()) {
        if (!StillFits(out)) return;
        if (!first) out.push_back(',');
        first = false;
        AppendJsonString(out, key);
        out.push_back(':');
        AppendJson(member, out);
      }
      out.push_back('}');
      return;
    }
  }
}

std::string ToJson(const Value& value) {
  std::string out;
  AppendJson(value, out);
  return out;
}

std::string Excerpt(const Value& value) {
  constexpr std::size_t kShown = 14;
  std::string text = ToJson(value);
  if (text.size() <= kShown) return text;
  std::size_t end = kShown - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

bool ParseJson(std::string_view text, Value* out, std::string* problem) {
  rapidjson::Reader reader;
  rapidjson::MemoryStream stream(text.data(), text.size());
  Builder builder;
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag;
  reader.Parse<kFlags>(stream, builder);
  if (!reader.HasParseError()) {
    *out = std::move(builder.result());
    return true;
  }
  if (builder.too_deep()) {
    *problem = "Exceeds depth limit for parsing";
  } else {
    *problem = rapidjson::GetParseError_En(reader.GetParseErrorCode());
    problem->append(" At byte ").append(std::to_string(reader.GetErrorOffset()));
  }
  return false;
}

}  // namespace eider::jq
