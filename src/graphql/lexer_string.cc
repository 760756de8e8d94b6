#include <limits>
#include <vector>

#include "base/encoding.h"
#include "graphql/lexer.h"
#include "graphql/unicode.h"

namespace eider::graphql {
namespace {

// The value of four hex digits at `position`, or -1.
int32_t ReadHex4(std::string_view text, size_t position) {
  if (position + 4 > text.size()) return -1;
  int32_t value = 0;
  for (size_t i = 0; i < 4; ++i) {
    const int digit = HexDigit(text[position + i]);
    if (digit < 0) return -1;
    value = value << 4 | digit;
  }
  return value;
}

size_t LeadingBlanks(std::string_view line) {
  size_t count = 0;
  while (count < line.size() && (line[count] == ' ' || line[count] == '\t')) ++count;
  return count;
}

// Removes the common indentation of all lines but the first, and blank lines at both ends.
std::string DedentLines(const std::vector<std::string>& lines) {
  size_t common = std::numeric_limits<size_t>::max();
  size_t first = lines.size();
  size_t last = 0;
  for (size_t i = 0; i < lines.size(); ++i) {
    const size_t indent = LeadingBlanks(lines[i]);
    if (indent == lines[i].size()) continue;
    if (first == lines.size()) first = i;
    last = i;
    if (i != 0 && indent < common) common = indent;
  }
  std::string text;
  for (size_t i = first; i <= last && i < lines.size(); ++i) {
    if (i != first) text.push_back('\n');
    const std::string_view line = lines[i];
    text.append(i == 0 ? line : line.substr(std::min(common, line.size())));
  }
  return text;
}

}  // namespace

bool Lexer::ReadString(Token* token) {
  const size_t start = offset_ + 1;
  size_t position = start;
  size_t chunk = start;
  std::string unescaped;
  bool has_escape = false;
  while (position < text_.size()) {
    const char c = text_[position];
    if (c == '"') {
      token->kind = TokenKind::kString;
      token->text = text_.substr(start, position - start);
      if (has_escape) {
        unescaped.append(text_, chunk, position - chunk);
        token->text = arena_.CopyText(unescaped);
      }
      offset_ = position + 1;
      return true;
    }
    if (c == '\\') {
      has_escape = true;
      unescaped.append(text_, chunk, position - chunk);
      if (!ReadEscape(&position, &unescaped)) return false;
      chunk = position;
      continue;
    }
    if (c == '\n' || c == '\r') break;
    ++position;
  }
  return Fail(position, "Unterminated string");
}

bool Lexer::ReadEscape(size_t* position, std::string* out) {
  const unsigned char c = At(*position + 1);
  if (c == 'u') {
    return At(*position + 2) == '{' ? ReadBracedUnicodeEscape(position, out) : ReadUnicodeEscape(position, out);
  }
  char value = 0;
  switch (c) {
    case '"': value = '"'; break;
    case '\\': value = '\\'; break;
    case '/': value = '/'; break;
    case 'b': value = '\b'; break;
    case 'f': value = '\f'; break;
    case 'n': value = '\n'; break;
    case 'r': value = '\r'; break;
    case 't': value = '\t'; break;
    default: {
      const std::string_view shown = text_.substr(*position, 1 + Utf8Length(c));
      return Fail(*position, "Invalid character escape sequence: \"" + std::string(shown) + "\"");
    }
  }
  out->push_back(value);
  *position += 2;
  return true;
}

bool Lexer::ReadUnicodeEscape(size_t* position, std::string* out) {
  const int32_t code = ReadHex4(text_, *position + 2);
  if (code >= 0 && IsUnicodeScalar(static_cast<uint32_t>(code))) {
    AppendUtf8(static_cast<uint32_t>(code), out);
    *position += 6;
    return true;
  }
  if (code >= 0xD800 && code <= 0xDBFF && At(*position + 6) == '\\' && At(*position + 7) == 'u') {
    const int32_t low = ReadHex4(text_, *position + 8);
    if (low >= 0xDC00 && low <= 0xDFFF) {
      AppendUtf8(0x10000 + (static_cast<uint32_t>(code - 0xD800) << 10 | static_cast<uint32_t>(low - 0xDC00)), out);
      *position += 12;
      return true;
    }
  }
  return Fail(*position,
              "Invalid Unicode escape sequence: \"" + std::string(Utf16Prefix(text_.substr(*position), 6)) + "\"");
}

bool Lexer::ReadBracedUnicodeEscape(size_t* position, std::string* out) {
  uint64_t code = 0;
  size_t size = 3;
  while (size < 12) {
    const unsigned char c = At(*position + size++);
    if (c == '}') {
      if (size < 5 || code > 0x10FFFF || !IsUnicodeScalar(static_cast<uint32_t>(code))) break;
      AppendUtf8(static_cast<uint32_t>(code), out);
      *position += size;
      return true;
    }
    const int digit = HexDigit(static_cast<char>(c));
    if (digit < 0) break;
    code = code << 4 | static_cast<uint64_t>(digit);
  }
  return Fail(*position,
              "Invalid Unicode escape sequence: \"" + std::string(Utf16Prefix(text_.substr(*position), size)) + "\"");
}

bool Lexer::ReadBlockString(Token* token) {
  size_t position = offset_ + 3;
  std::vector<std::string> lines(1);
  while (position < text_.size()) {
    const char c = text_[position];
    if (c == '"' && text_.compare(position, 3, "\"\"\"") == 0) {
      token->kind = TokenKind::kBlockString;
      token->text = arena_.CopyText(DedentLines(lines));
      offset_ = position + 3;
      return true;
    }
    if (c == '\\' && text_.compare(position, 4, "\\\"\"\"") == 0) {
      lines.back().append("\"\"\"");
      position += 4;
    } else if (c == '\n' || c == '\r') {
      position += c == '\r' && At(position + 1) == '\n' ? 2 : 1;
      lines.emplace_back();
    } else {
      lines.back().push_back(c);
      ++position;
    }
  }
  return Fail(position, "Unterminated string");
}

}  // namespace eider::graphql
