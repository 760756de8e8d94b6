#include "graphql/lexer.h"

#include <array>

#include "graphql/unicode.h"

namespace eider::graphql {
namespace {

enum : uint8_t { kOther = 0, kNameStart = 1, kDigit = 2, kIgnored = 4 };

constexpr std::array<uint8_t, 256> MakeClasses() {
  std::array<uint8_t, 256> classes{};
  for (int c = 'a'; c <= 'z'; ++c) classes[c] = kNameStart;
  for (int c = 'A'; c <= 'Z'; ++c) classes[c] = kNameStart;
  classes['_'] = kNameStart;
  for (int c = '0'; c <= '9'; ++c) classes[c] = kDigit;
  for (char c : {' ', '\t', ',', '\n', '\r'}) classes[static_cast<unsigned char>(c)] = kIgnored;
  return classes;
}

constexpr std::array<uint8_t, 256> kClasses = MakeClasses();

bool IsNameStart(unsigned char c) { return kClasses[c] == kNameStart; }
bool IsNameContinue(unsigned char c) { return (kClasses[c] & (kNameStart | kDigit)) != 0; }
bool IsDigit(unsigned char c) { return kClasses[c] == kDigit; }

TokenKind PunctuatorKind(unsigned char c) {
  switch (c) {
    case '!': return TokenKind::kBang;
    case '$': return TokenKind::kDollar;
    case '&': return TokenKind::kAmp;
    case '(': return TokenKind::kParenLeft;
    case ')': return TokenKind::kParenRight;
    case ':': return TokenKind::kColon;
    case '=': return TokenKind::kEquals;
    case '@': return TokenKind::kAt;
    case '[': return TokenKind::kBracketLeft;
    case ']': return TokenKind::kBracketRight;
    case '{': return TokenKind::kBraceLeft;
    case '|': return TokenKind::kPipe;
    case '}': return TokenKind::kBraceRight;
    default: return TokenKind::kEof;
  }
}

}  // namespace

std::string_view TokenKindText(TokenKind kind) {
  static constexpr std::string_view kTexts[] = {"<EOF>", "\"!\"", "\"$\"", "\"&\"", "\"(\"",  "\")\"",      "\"...\"",
                                                "\":\"", "\"=\"", "\"@\"", "\"[\"", "\"]\"",  "\"{\"",      "\"|\"",
                                                "\"}\"", "Name",  "Int",   "Float", "String", "BlockString"};
  return kTexts[static_cast<size_t>(kind)];
}

std::string TokenText(const Token& token) {
  std::string text(TokenKindText(token.kind));
  if (token.kind >= TokenKind::kName) text.append(" \"").append(token.text).append("\"");
  return text;
}

bool Lexer::Fail(size_t position, std::string message) {
  error_position_ = static_cast<Position>(position);
  message_ = std::move(message);
  return false;
}

std::string Lexer::CharacterAt(size_t position) const {
  if (position >= text_.size()) return "<EOF>";
  const uint32_t code_point = DecodeUtf8(text_, position);
  if (code_point == '"') return "'\"'";
  if (code_point >= 0x20 && code_point <= 0x7e) return std::string("\"") + static_cast<char>(code_point) + "\"";
  return "U+" + HexCodePoint(code_point);
}

void Lexer::SkipIgnored() {
  while (offset_ < text_.size()) {
    const unsigned char c = At(offset_);
    if (kClasses[c] == kIgnored) {
      ++offset_;
    } else if (c == '#') {
      while (offset_ < text_.size() && text_[offset_] != '\n' && text_[offset_] != '\r') ++offset_;
    } else if (c == 0xEF && At(offset_ + 1) == 0xBB && At(offset_ + 2) == 0xBF) {
      offset_ += 3;
    } else {
      return;
    }
  }
}

bool Lexer::Next(Token* token) {
  SkipIgnored();
  token->position = static_cast<Position>(offset_);
  token->text = {};
  if (offset_ >= text_.size()) {
    token->kind = TokenKind::kEof;
    return true;
  }
  const unsigned char c = At(offset_);
  if (IsNameStart(c)) {
    const size_t start = offset_;
    while (IsNameContinue(At(offset_))) ++offset_;
    token->kind = TokenKind::kName;
    token->text = text_.substr(start, offset_ - start);
    return true;
  }
  if (const TokenKind punctuator = PunctuatorKind(c); punctuator != TokenKind::kEof) {
    token->kind = punctuator;
    ++offset_;
    return true;
  }
  if (c == '.' && At(offset_ + 1) == '.' && At(offset_ + 2) == '.') {
    token->kind = TokenKind::kSpread;
    offset_ += 3;
    return true;
  }
  if (c == '"') return At(offset_ + 1) == '"' && At(offset_ + 2) == '"' ? ReadBlockString(token) : ReadString(token);
  if (IsDigit(c) || c == '-') return ReadNumber(token);
  return FailOnCharacter();
}

bool Lexer::FailOnCharacter() {
  if (At(offset_) == '\'') {
    return Fail(offset_, "Unexpected single quote character ('), did you mean to use a double quote (\")?");
  }
  return Fail(offset_, "Unexpected character: " + CharacterAt(offset_));
}

bool Lexer::ReadDigits(size_t* position) {
  if (!IsDigit(At(*position))) {
    return Fail(*position, "Invalid number, expected digit but got: " + CharacterAt(*position));
  }
  while (IsDigit(At(*position))) ++*position;
  return true;
}

bool Lexer::ReadNumber(Token* token) {
  const size_t start = offset_;
  size_t position = start;
  bool is_float = false;
  if (At(position) == '-') ++position;
  if (At(position) == '0') {
    ++position;
    if (IsDigit(At(position))) {
      return Fail(position, "Invalid number, unexpected digit after 0: " + CharacterAt(position));
    }
  } else if (!ReadDigits(&position)) {
    return false;
  }
  if (At(position) == '.') {
    is_float = true;
    ++position;
    if (!ReadDigits(&position)) return false;
  }
  if (At(position) == 'e' || At(position) == 'E') {
    is_float = true;
    ++position;
    if (At(position) == '+' || At(position) == '-') ++position;
    if (!ReadDigits(&position)) return false;
  }
  if (At(position) == '.' || IsNameStart(At(position))) {
    return Fail(position, "Invalid number, expected digit but got: " + CharacterAt(position));
  }
  token->kind = is_float ? TokenKind::kFloat : TokenKind::kInt;
  token->text = text_.substr(start, position - start);
  offset_ = position;
  return true;
}

}  // namespace eider::graphql
