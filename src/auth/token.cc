#include "auth/token.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest.h"
#include "base/text.h"

namespace eider::auth {
namespace {

constexpr unsigned kParseFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;

bool HasTwice(const rapidjson::Value& object) {
  std::vector<std::string_view> names;
  for (const auto& member : object.GetObject()) {
    names.emplace_back(member.name.GetString(), member.name.GetStringLength());
  }
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

std::shared_ptr<rapidjson::Document> ParseObject(std::string_view part) {
  const auto text = FromBase64Url(part);
  if (!text) return nullptr;
  auto document = std::make_shared<rapidjson::Document>();
  document->Parse<kParseFlags>(text->data(), text->size());
  if (document->HasParseError() || !document->IsObject() || HasTwice(*document)) return nullptr;
  return document;
}

}  // namespace

std::optional<Token> ParseToken(std::string_view text) {
  const std::size_t first = text.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  const auto header = ParseObject(text.substr(0, first));
  if (header == nullptr || header->HasMember("crit") || header->HasMember("b64")) return std::nullopt;
  const auto algorithm = header->FindMember("alg");
  if (algorithm == header->MemberEnd() || !algorithm->value.IsString()) return std::nullopt;
  Token token;
  token.algorithm = algorithm->value.GetString();
  if (const auto id = header->FindMember("kid"); id != header->MemberEnd()) {
    if (!id->value.IsString()) return std::nullopt;
    token.key_id.assign(id->value.GetString(), id->value.GetStringLength());
  }
  token.claims = ParseObject(text.substr(first + 1, second - first - 1));
  auto signature = FromBase64Url(text.substr(second + 1));
  if (token.claims == nullptr || !signature) return std::nullopt;
  token.signature = std::move(*signature);
  token.signed_part = text.substr(0, second);
  return token;
}

const rapidjson::Value* FindClaim(const rapidjson::Value& claims, std::string_view path) {
  if (path.empty() || !claims.IsObject()) return nullptr;
  const auto member = [](const rapidjson::Value& object, std::string_view name) -> const rapidjson::Value* {
    const auto found = object.FindMember(
        rapidjson::Value(rapidjson::StringRef(name.data(), static_cast<rapidjson::SizeType>(name.size()))));
    return found == object.MemberEnd() ? nullptr : &found->value;
  };
  if (const rapidjson::Value* literal = member(claims, path)) return literal;
  const rapidjson::Value* at = &claims;
  for (const std::string_view part : SplitText(path, '.')) {
    if (!at->IsObject()) return nullptr;
    at = member(*at, part);
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::optional<std::string> ScalarText(const rapidjson::Value& value) {
  if (value.IsString()) return std::string(value.GetString(), value.GetStringLength());
  if (value.IsBool()) return std::string(value.GetBool() ? "true" : "false");
  if (value.IsInt64()) return std::to_string(value.GetInt64());
  if (value.IsUint64()) return std::to_string(value.GetUint64());
  if (value.IsDouble()) return fmt::format("{}", value.GetDouble());
  return std::nullopt;
}

std::vector<std::string> Words(const rapidjson::Value& value) {
  std::vector<std::string> words;
  if (value.IsString()) {
    for (const std::string_view word : SplitText({value.GetString(), value.GetStringLength()}, ' ')) {
      if (!word.empty()) words.emplace_back(word);
    }
  }
  if (value.IsArray()) {
    for (const rapidjson::Value& item : value.GetArray()) {
      if (item.IsString()) words.emplace_back(item.GetString(), item.GetStringLength());
    }
  }
  return words;
}

}  // namespace eider::auth
