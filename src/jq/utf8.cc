#include "jq/utf8.h"

namespace eider::jq {

std::size_t CodepointSize(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  std::size_t size = 1;
  if (first >= 0xC2 && first < 0xE0) size = 2;
  if (first >= 0xE0 && first < 0xF0) size = 3;
  if (first >= 0xF0 && first < 0xF5) size = 4;
  if (size > text.size()) return 1;
  for (std::size_t i = 1; i < size; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return 1;
  }
  return size;
}

std::uint32_t TakeCodepoint(std::string_view& text) {
  const std::size_t size = CodepointSize(text);
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  std::uint32_t point = byte(0);
  if (size == 1 && point >= 0x80) point = 0xFFFD;
  if (size == 2) point = (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
  if (size == 3) point = (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
  if (size == 4) point = (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
  if (point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) point = 0xFFFD;
  text.remove_prefix(size);
  return point;
}

void AppendCodepoint(std::string& out, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | point >> 6);
    put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3F));
    put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3F));
    put(0x80 | (point >> 6 & 0x3F));
    put(0x80 | (point & 0x3F));
  }
}

std::int64_t CountCodepoints(std::string_view text) {
  std::int64_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(CodepointSize(text));
  return count;
}

std::size_t ByteOffset(std::string_view text, std::int64_t index) {
  const std::size_t whole = text.size();
  for (; index > 0 && !text.empty(); --index) text.remove_prefix(CodepointSize(text));
  return whole - text.size();
}

std::string RepairUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) AppendCodepoint(out, TakeCodepoint(text));
  return out;
}

}  // namespace eider::jq
