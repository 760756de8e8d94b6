#include "base/json.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "base/text.h"

namespace eider {

const rapidjson::Value* FindMember(const rapidjson::Value& value, std::string_view name) {
  if (!value.IsObject()) return nullptr;
  const auto found = value.FindMember(
      rapidjson::Value(rapidjson::StringRef(name.data(), static_cast<rapidjson::SizeType>(name.size()))));
  return found == value.MemberEnd() ? nullptr : &found->value;
}

std::string TextMember(const rapidjson::Value& object, std::string_view name) {
  const rapidjson::Value* value = FindMember(object, name);
  return value != nullptr && value->IsString() ? std::string(value->GetString(), value->GetStringLength())
                                               : std::string();
}

bool FlagMember(const rapidjson::Value& object, std::string_view name) {
  const rapidjson::Value* value = FindMember(object, name);
  return value != nullptr && value->IsBool() && value->GetBool();
}

std::int64_t NumberMember(const rapidjson::Value& object, std::string_view name) {
  const rapidjson::Value* value = FindMember(object, name);
  return value != nullptr && value->IsInt64() ? value->GetInt64() : 0;
}

std::string PlainTextOf(const rapidjson::Value& value) {
  return value.IsString() ? std::string(value.GetString(), value.GetStringLength()) : JsonTextOf(value);
}

std::string JsonTextOf(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

std::string JsonTextOf(std::string_view text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

}  // namespace eider
