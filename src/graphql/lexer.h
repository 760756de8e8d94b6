#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "graphql/arena.h"
#include "graphql/ast.h"

namespace eider::graphql {

enum class TokenKind : uint8_t {
  kEof,
  kBang,
  kDollar,
  kAmp,
  kParenLeft,
  kParenRight,
  kSpread,
  kColon,
  kEquals,
  kAt,
  kBracketLeft,
  kBracketRight,
  kBraceLeft,
  kPipe,
  kBraceRight,
  kName,
  kInt,
  kFloat,
  kString,
  kBlockString,
};

// The token kind as messages name it: `"{"`, `Name`, `<EOF>`.
std::string_view TokenKindText(TokenKind kind);

struct Token {
  TokenKind kind = TokenKind::kEof;
  Position position = 0;
  std::string_view text;  // Name, number as written, or unescaped string.
};

// The token as messages name it, such as `Name "x"`.
std::string TokenText(const Token& token);

// Splits valid UTF-8 text into tokens. Unescaped strings go to the arena, other texts are views. After a failure
// message() and error_position() tell what was wrong and where; only then may they be read.
class Lexer {
 public:
  Lexer(std::string_view text, Arena& arena) : text_(text), arena_(arena) {}

  // Reads the next token; false on a lexical error. At the end the token is kEof, again and again.
  bool Next(Token* token);

  const std::string& message() const { return message_; }
  Position error_position() const { return error_position_; }

 private:
  // The byte at `position`, or 0 behind the end (0 is no valid token byte).
  unsigned char At(size_t position) const {
    return position < text_.size() ? static_cast<unsigned char>(text_[position]) : 0;
  }
  void SkipIgnored();
  bool ReadNumber(Token* token);
  bool ReadDigits(size_t* position);
  bool ReadString(Token* token);
  bool ReadEscape(size_t* position, std::string* out);
  bool ReadUnicodeEscape(size_t* position, std::string* out);
  bool ReadBracedUnicodeEscape(size_t* position, std::string* out);
  bool ReadBlockString(Token* token);
  bool Fail(size_t position, std::string message);
  bool FailOnCharacter();
  std::string CharacterAt(size_t position) const;

  std::string_view text_;
  Arena& arena_;
  size_t offset_ = 0;
  std::string message_;
  Position error_position_ = 0;
};

}  // namespace eider::graphql
