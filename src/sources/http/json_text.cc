#include "sources/http/json_text.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace eider::sources {
namespace {

constexpr int kDeepest = 500;

// Counts levels and keeps nothing.
struct DepthHandler : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, DepthHandler> {
  bool StartObject() { return ++depth <= kDeepest; }
  bool StartArray() { return ++depth <= kDeepest; }
  bool EndObject(rapidjson::SizeType /*members*/) { return --depth >= 0; }
  bool EndArray(rapidjson::SizeType /*items*/) { return --depth >= 0; }
  int depth = 0;
};

}  // namespace

Status CheckJson(std::string_view text) {
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::Reader reader;
  rapidjson::MemoryStream stream(text.data(), text.size());
  DepthHandler handler;
  const auto result = reader.Parse<kFlags>(stream, handler);
  if (!result.IsError()) return {};
  if (result.Code() == rapidjson::kParseErrorTermination) {
    return Error(ErrorCode::kBadInput, "it is nested deeper than " + std::to_string(kDeepest) + " levels");
  }
  return Error(ErrorCode::kBadInput, std::string(rapidjson::GetParseError_En(result.Code())) + " At byte " +
                                         std::to_string(result.Offset()) + ".");
}

std::string TextMember(const rapidjson::Value& object, std::string_view name) {
  const rapidjson::Value* value = FindMember(object, name);
  return value != nullptr && value->IsString() ? std::string(value->GetString(), value->GetStringLength())
                                               : std::string();
}

const rapidjson::Value* FindMember(const rapidjson::Value& value, std::string_view name) {
  if (!value.IsObject()) return nullptr;
  const auto found = value.FindMember(
      rapidjson::Value(rapidjson::StringRef(name.data(), static_cast<rapidjson::SizeType>(name.size()))));
  return found == value.MemberEnd() ? nullptr : &found->value;
}

std::string JsonTextOf(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace eider::sources
