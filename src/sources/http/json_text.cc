#include "sources/http/json_text.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

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

}  // namespace eider::sources
