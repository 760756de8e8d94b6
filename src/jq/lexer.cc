#include "jq/lexer.h"

#include <fmt/format.h>

#include "jq/utf8.h"

namespace eider::jq {
namespace {

bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNamePart(char c) { return IsNameStart(c) || IsDigit(c); }

constexpr std::string_view kOperators[] = {
    "?//=", "?//", "//=", "|=", "+=", "-=", "*=", "/=", "%=", "==", "!=", "<=", ">=", "//", "..", "|", ",", "=",
    "<",    ">",   "+",   "-",  "*",  "/",  "%",  "(",  ")",  "[",  "]",  "{",  "}",  ":",  ";",  ".", "?"};

class Lexer {
 public:
  Lexer(std::string_view text, std::vector<Token>& tokens) : text_(text), tokens_(tokens) {}

  // Reads tokens up to the end, or inside a string up to the parenthesis that closes an insertion.
  bool ReadAll() {
    while (SkipBlank()) {
      if (!Next()) return false;
    }
    if (!strings_.empty()) return Fail("a string is not closed");
    Add(TokenKind::kEnd, "end of the program");
    return true;
  }

  std::string& problem() { return problem_; }

 private:
  bool SkipBlank() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        line_ += c == '\n' ? 1 : 0;
        ++at_;
      } else {
        return true;
      }
    }
    return false;
  }

  void Add(TokenKind kind, std::string_view text) { tokens_.push_back({kind, std::string(text), line_}); }

  bool Fail(std::string_view what) {
    problem_ = fmt::format("syntax error: {} at line {}", what, line_);
    return false;
  }

  char Peek(std::size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  std::string_view Take(std::size_t from, std::size_t skip) {
    const std::string_view taken = text_.substr(at_ + skip, from - at_ - skip);
    at_ = from;
    return taken;
  }

  std::size_t NameEnd(std::size_t from) const {
    std::size_t end = from;
    while (end < text_.size()) {
      if (IsNamePart(text_[end])) {
        ++end;
      } else if (text_.substr(end, 2) == "::" && end + 2 < text_.size() && IsNameStart(text_[end + 2])) {
        end += 2;
      } else {
        break;
      }
    }
    return end;
  }

  bool Next() {
    const char c = text_[at_];
    if (c == '"') {
      Add(TokenKind::kQuote, "\"");
      ++at_;
      strings_.push_back(0);
      return ReadString();
    }
    if (IsNameStart(c)) return Add(TokenKind::kName, Take(NameEnd(at_), 0)), true;
    if (c == '.' && IsNameStart(Peek(1))) return Add(TokenKind::kField, Take(NameEnd(at_ + 1), 1)), true;
    if (c == '$' && IsNameStart(Peek(1))) return Add(TokenKind::kVariable, Take(NameEnd(at_ + 1), 1)), true;
    if (c == '@' && IsNameStart(Peek(1))) return Add(TokenKind::kFormat, Take(NameEnd(at_ + 1), 0)), true;
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return Add(TokenKind::kNumber, Take(NumberEnd(), 0)), true;
    return Operator();
  }

  std::size_t NumberEnd() const {
    std::size_t end = at_;
    const auto digits = [&] {
      while (end < text_.size() && IsDigit(text_[end])) ++end;
    };
    digits();
    if (end < text_.size() && text_[end] == '.') {
      ++end;
      digits();
    }
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
      std::size_t exponent = end + 1;
      if (exponent < text_.size() && (text_[exponent] == '+' || text_[exponent] == '-')) ++exponent;
      if (exponent < text_.size() && IsDigit(text_[exponent])) {
        end = exponent;
        digits();
      }
    }
    return end;
  }

  bool Operator() {
    for (const std::string_view known : kOperators) {
      if (!text_.substr(at_).starts_with(known)) continue;
      at_ += known.size();
      Add(TokenKind::kOperator, known);
      if (strings_.empty()) return true;
      if (known == "(") ++strings_.back();
      if (known == ")" && --strings_.back() == 0) return ReadString();
      return true;
    }
    const std::size_t size = CodepointSize(text_.substr(at_));
    return Fail(fmt::format("unexpected character '{}'", text_.substr(at_, size)));
  }

  // Reads on inside the innermost string, up to its end or to an insertion.
  bool ReadString() {
    std::string piece;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') {
        Add(TokenKind::kText, piece);
        Add(TokenKind::kUnquote, "\"");
        strings_.pop_back();
        return true;
      }
      if (c != '\\') {
        line_ += c == '\n' ? 1 : 0;
        piece.push_back(c);
      } else if (Peek(0) == '(') {
        ++at_;
        Add(TokenKind::kText, piece);
        Add(TokenKind::kInsert, "(");
        strings_.back() = 1;
        return true;
      } else if (!ReadEscape(piece)) {
        return false;
      }
    }
    return Fail("a string is not closed");
  }

  bool ReadEscape(std::string& piece) {
    constexpr std::string_view kShort = "\"\\/bfnrt";
    constexpr std::string_view kMeaning = "\"\\/\b\f\n\r\t";
    const char c = Peek(0);
    ++at_;
    if (const std::size_t known = kShort.find(c); c != '\0' && known != std::string_view::npos) {
      piece.push_back(kMeaning[known]);
      return true;
    }
    std::uint32_t point = 0;
    if (c != 'u' || !ReadHex(point)) return Fail("invalid escape in a string");
    if (point >= 0xD800 && point < 0xDC00 && text_.substr(at_, 2) == "\\u") {
      std::uint32_t low = 0;
      at_ += 2;
      if (!ReadHex(low)) return Fail("invalid escape in a string");
      point = low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
    }
    AppendCodepoint(piece, point >= 0xD800 && point < 0xE000 ? 0xFFFD : point);
    return true;
  }

  bool ReadHex(std::uint32_t& value) {
    if (at_ + 4 > text_.size()) return false;
    value = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = text_[at_++];
      const std::size_t digit = std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20));
      if (digit == std::string_view::npos || (c < '0')) return false;
      value = value * 16 + static_cast<std::uint32_t>(IsDigit(c) ? c - '0' : static_cast<int>(digit));
    }
    return true;
  }

  std::string_view text_;
  std::vector<Token>& tokens_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::vector<int> strings_;  // Open strings: parentheses open in the insertion that is being read.
  std::string problem_;
};

}  // namespace

bool Tokenize(std::string_view program, std::vector<Token>* tokens, std::string* problem) {
  Lexer lexer(program, *tokens);
  if (lexer.ReadAll()) return true;
  *problem = std::move(lexer.problem());
  return false;
}

}  // namespace eider::jq
