#include "graphql/unicode.h"

#include <algorithm>
#include <cstring>

namespace eider::graphql {

size_t Utf8Length(unsigned char lead) {
  if (lead < 0xC0) return 1;
  if (lead < 0xE0) return 2;
  return lead < 0xF0 ? 3 : 4;
}

uint32_t DecodeUtf8(std::string_view text, size_t position) {
  const auto byte = [&](size_t i) -> uint32_t {
    return position + i < text.size() ? static_cast<unsigned char>(text[position + i]) : 0;
  };
  const uint32_t lead = byte(0);
  switch (Utf8Length(static_cast<unsigned char>(lead))) {
    case 1: return lead;
    case 2: return (lead & 0x1F) << 6 | (byte(1) & 0x3F);
    case 3: return (lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    default: return (lead & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
  }
}

void AppendUtf8(uint32_t code_point, std::string* out) {
  const auto tail = [out](uint32_t bits) { out->push_back(static_cast<char>(0x80 | (bits & 0x3F))); };
  if (code_point < 0x80) {
    out->push_back(static_cast<char>(code_point));
  } else if (code_point < 0x800) {
    out->push_back(static_cast<char>(0xC0 | code_point >> 6));
    tail(code_point);
  } else if (code_point < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | code_point >> 12));
    tail(code_point >> 6);
    tail(code_point);
  } else {
    out->push_back(static_cast<char>(0xF0 | code_point >> 18));
    tail(code_point >> 12);
    tail(code_point >> 6);
    tail(code_point);
  }
}

bool IsUnicodeScalar(uint32_t code_point) {
  return code_point < 0xD800 || (code_point >= 0xE000 && code_point <= 0x10FFFF);
}

size_t FindInvalidUtf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    if (i + 8 <= text.size()) {
      uint64_t word;
      std::memcpy(&word, text.data() + i, 8);
      if ((word & 0x8080808080808080ULL) == 0) {
        i += 8;
        continue;
      }
    }
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const size_t length = Utf8Length(lead);
    if (length == 1 || lead > 0xF4 || i + length > text.size()) return i;
    for (size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return i;
    }
    static constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const uint32_t code_point = DecodeUtf8(text, i);
    if (code_point < kSmallest[length] || !IsUnicodeScalar(code_point)) return i;
    i += length;
  }
  return std::string_view::npos;
}

std::string HexCodePoint(uint32_t code_point) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  do {
    text.push_back(kDigits[code_point & 15]);
    code_point >>= 4;
  } while (code_point != 0);
  while (text.size() < 4) text.push_back('0');
  std::reverse(text.begin(), text.end());
  return text;
}

std::string_view Utf16Prefix(std::string_view text, size_t units) {
  size_t end = 0;
  while (units > 0 && end < text.size()) {
    const size_t length = Utf8Length(static_cast<unsigned char>(text[end]));
    end += length;
    units -= length == 4 && units > 1 ? 2 : 1;
  }
  return text.substr(0, std::min(end, text.size()));
}

}  // namespace eider::graphql
