#include <rapidjson/error/en.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <exception>

#include "base/json.h"
#include "jq/utf8.h"
#include "sources/http/json_text.h"
#include "sources/http/openapi/openapi_sdl.h"

namespace eider::sources::openapi {
namespace {

using rapidjson::Value;

constexpr int kDeepest = 200;
constexpr std::size_t kMostNodes = 2'000'000;  // After aliases were put in.
constexpr std::size_t kLongest = 32 << 20;

Error Broken(const std::string& why) { return Error(ErrorCode::kBadInput, "the OpenAPI document is broken: " + why); }

std::string PlaceText(const YAML::Mark& mark) {
  if (mark.is_null()) return "";
  return "line " + std::to_string(mark.line + 1) + ", column " + std::to_string(mark.column + 1) + ": ";
}

// Builds the tree that the same JSON would give.
class YamlReader {
 public:
  explicit YamlReader(rapidjson::Document::AllocatorType& memory) : memory_(memory) {}

  Status Read(const YAML::Node& node, int depth, Value& out) {
    if (depth > kDeepest) return Broken(PlaceText(node.Mark()) + "it is nested too deep");
    if (++nodes_ > kMostNodes) return Broken("it is too large once its aliases are put in");
    if (node.IsMap()) return ReadMap(node, depth, out);
    if (node.IsSequence()) return ReadList(node, depth, out);
    if (node.IsScalar()) ReadScalar(node, out);
    return {};
  }

 private:
  Value Text(const std::string& text) {
    return Value(text.data(), static_cast<rapidjson::SizeType>(text.size()), memory_);
  }

  Status ReadMap(const YAML::Node& node, int depth, Value& out) {
    out.SetObject();
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) return Broken(PlaceText(entry.first.Mark()) + "a key must be a plain word");
      Value value;
      EIDER_RETURN_IF_ERROR(Read(entry.second, depth + 1, value));
      out.AddMember(Text(entry.first.Scalar()), value, memory_);
    }
    return {};
  }

  Status ReadList(const YAML::Node& node, int depth, Value& out) {
    out.SetArray();
    for (const YAML::Node& item : node) {
      Value value;
      EIDER_RETURN_IF_ERROR(Read(item, depth + 1, value));
      out.PushBack(value, memory_);
    }
    return {};
  }

  // Quoted words carry the tag "!"; others may be of another type.
  void ReadScalar(const YAML::Node& node, Value& out) {
    const std::string& text = node.Scalar();
    out = Text(text);
    if (node.Tag() == "!") return;
    if (text == "true" || text == "false") {
      out.SetBool(text == "true");
    } else if (text == "null" || text == "~") {
      out.SetNull();
    } else if (!text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'))) {
      rapidjson::Document number;
      number.Parse(text.data(), text.size());
      if (!number.HasParseError() && number.IsNumber()) out.CopyFrom(number, memory_);
    }
  }

  rapidjson::Document::AllocatorType& memory_;
  std::size_t nodes_ = 0;
};

Result<rapidjson::Document> ReadYaml(std::string_view text) {
  rapidjson::Document document;
  try {
    const YAML::Node root = YAML::Load(std::string(text));
    YamlReader reader(document.GetAllocator());
    Value value;
    EIDER_RETURN_IF_ERROR(reader.Read(root, 0, value));
    value.Swap(document);
  } catch (const YAML::Exception& problem) {
    return Broken(PlaceText(problem.mark) + problem.msg);
  } catch (const std::exception& problem) {
    return Broken(problem.what());
  }
  return document;
}

Result<rapidjson::Document> ReadJson(std::string_view text) {
  if (const Status nesting = CheckJson(text); !nesting && nesting.error().message.starts_with("it is nested")) {
    return Broken(nesting.error().message);
  }
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
  if (!document.HasParseError()) return document;
  const std::string_view before = text.substr(0, document.GetErrorOffset());
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t start = before.rfind('\n');
  const std::size_t column = before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
  return Broken("line " + std::to_string(line) + ", column " + std::to_string(column) + ": " +
                rapidjson::GetParseError_En(document.GetParseError()));
}

}  // namespace

Result<rapidjson::Document> ReadDocument(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.size() > kLongest) return Broken("it is longer than 32 MB");
  if (jq::RepairUtf8(text) != text) return Broken("it is no valid UTF-8");
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return Broken("it is empty");
  const bool is_json = text[start] == '{' || text[start] == '[';
  EIDER_ASSIGN_OR_RETURN(rapidjson::Document document, is_json ? ReadJson(text) : ReadYaml(text));
  if (!document.IsObject()) return Broken("it is no object");
  return document;
}

}  // namespace eider::sources::openapi
