#include "sources/duckdb/engine_type.h"

#include <cctype>
#include <charconv>

namespace eider::sources {
namespace {

class TypeReader {
 public:
  explicit TypeReader(std::string_view text) : text_(text) {}

  std::optional<EngineType> ReadWhole() {
    auto type = ReadType();
    return type && at_ == text_.size() ? type : std::nullopt;
  }

 private:
  bool Take(char wanted) {
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  void SkipSpaces() {
    while (Take(' ')) {
    }
  }

  std::optional<EngineType> ReadType() {
    if (++depth_ > kMaxDepth) return std::nullopt;
    auto type = ReadBase();
    while (type && Take('[')) type = ReadSuffix(std::move(*type));
    --depth_;
    return type;
  }

  // After "[": an optional length and "]".
  std::optional<EngineType> ReadSuffix(EngineType element) {
    EngineType type;
    type.kind = EngineType::Kind::kList;
    const auto* end = text_.data() + text_.size();
    const auto [next, error] = std::from_chars(text_.data() + at_, end, type.length);
    if (error == std::errc()) {
      type.kind = EngineType::Kind::kArray;
      at_ = static_cast<std::size_t>(next - text_.data());
    }
    type.element.push_back(std::move(element));
    return Take(']') ? std::optional(std::move(type)) : std::nullopt;
  }

  std::optional<EngineType> ReadBase() {
    EngineType type;
    type.name = ReadWords();
    if (type.name.empty()) return std::nullopt;
    if (!Take('(')) return type;
    if (type.name == "STRUCT") return ReadMembers();
    if (type.name == "MAP" || type.name == "UNION") type.kind = EngineType::Kind::kOther;
    const std::size_t from = at_;
    if (!SkipArguments()) return std::nullopt;
    type.arguments = text_.substr(from, at_ - from - 1);
    return type;
  }

  // "TIMESTAMP WITH TIME ZONE": words up to a bracket, a comma or the end.
  std::string ReadWords() {
    std::string words;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_' || text_[at_] == ' ')) {
      words.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(text_[at_++]))));
    }
    while (words.ends_with(' ')) words.pop_back();
    return words;
  }

  std::optional<EngineType> ReadMembers() {
    EngineType type;
    type.kind = EngineType::Kind::kStruct;
    do {
      SkipSpaces();
      StructMember member;
      member.name = ReadMemberName();
      SkipSpaces();
      auto inner = ReadType();
      if (!inner) return std::nullopt;
      member.type = std::move(*inner);
      type.members.push_back(std::move(member));
    } while (Take(','));
    return Take(')') ? std::optional(std::move(type)) : std::nullopt;
  }

  std::string ReadMemberName() {
    if (text_.substr(at_).starts_with('"')) return ReadQuoted('"');
    const std::size_t end = std::min(text_.find(' ', at_), text_.size());
    std::string name(text_.substr(at_, end - at_));
    at_ = end;
    return name;
  }

  // A quoted text with doubled inner quotes; stops at the end when the closing quote is missing.
  std::string ReadQuoted(char quote) {
    std::string value;
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == quote && !Take(quote)) break;
      value.push_back(c);
    }
    return value;
  }

  // After "(": everything up to the matching ")", quoted parts included.
  bool SkipArguments() {
    for (int open = 1; at_ < text_.size();) {
      const char c = text_[at_];
      if (c == '\'' || c == '"') {
        ReadQuoted(c);
        continue;
      }
      ++at_;
      if (c == '(') ++open;
      if (c == ')' && --open == 0) return true;
    }
    return false;
  }

  static constexpr int kMaxDepth = 100;
  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

std::optional<EngineType> ParseEngineType(std::string_view text) { return TypeReader(text).ReadWhole(); }

}  // namespace eider::sources
