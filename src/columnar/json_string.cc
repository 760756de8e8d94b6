#include "columnar/json_string.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace eider::columnar {
namespace {

constexpr std::size_t kBlock = 16;

// Sixteen bytes of text, and which of them JSON cannot hold as they are: quotes, backslashes, control characters.
#if defined(__SSE2__)
struct Block {
  __m128i bytes;

  static Block Load(const char* from) { return {_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))}; }
  static Block Of(std::uint64_t low, std::uint64_t high) {
    return {_mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low))};
  }
  void Store(char* to) const { _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes); }
  unsigned SpecialMask() const {
    const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i slashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    const __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, slashes), controls)));
  }
};
#else
struct Block {
  unsigned char bytes[kBlock];

  static Block Load(const char* from) {
    Block block;
    std::memcpy(block.bytes, from, kBlock);
    return block;
  }
  static Block Of(std::uint64_t low, std::uint64_t high) {
    Block block;
    std::memcpy(block.bytes, &low, 8);
    std::memcpy(block.bytes + 8, &high, 8);
    return block;
  }
  void Store(char* to) const { std::memcpy(to, bytes, kBlock); }
  unsigned SpecialMask() const {
    unsigned mask = 0;
    for (unsigned i = 0; i < kBlock; ++i) {
      mask |= static_cast<unsigned>(bytes[i] < 0x20 || bytes[i] == '"' || bytes[i] == '\\') << i;
    }
    return mask;
  }
};
#endif

template <class T>
std::uint64_t LoadAs(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

// Loads fewer than sixteen bytes without reading past their end; the rest is zero.
Block LoadTail(const char* from, std::size_t size) {
  if (size >= 8) {
    const std::uint64_t high = size == 8 ? 0 : LoadAs<std::uint64_t>(from + size - 8) >> (8 * (16 - size));
    return Block::Of(LoadAs<std::uint64_t>(from), high);
  }
  if (size >= 4) {
    const std::uint64_t high = LoadAs<std::uint32_t>(from + size - 4) << (8 * (size - 4));
    return Block::Of(LoadAs<std::uint32_t>(from) | high, 0);
  }
  std::uint64_t low = 0;
  for (std::size_t i = 0; i < size; ++i)
    low |= static_cast<std::uint64_t>(static_cast<unsigned char>(from[i])) << (8 * i);
  return Block::Of(low, 0);
}

char* Escape(unsigned char c, char* to) {
  static constexpr char kHex[] = "0123456789abcdef";
  *to++ = '\\';
  switch (c) {
    case '"': *to++ = '"'; return to;
    case '\\': *to++ = '\\'; return to;
    case '\n': *to++ = 'n'; return to;
    case '\r': *to++ = 'r'; return to;
    case '\t': *to++ = 't'; return to;
    case '\b': *to++ = 'b'; return to;
    case '\f': *to++ = 'f'; return to;
    default: break;
  }
  std::memcpy(to, "u00", 3);
  to[3] = kHex[c >> 4U];
  to[4] = kHex[c & 15U];
  return to + 5;
}

// Writes one piece, at most kPiece bytes, of text; `to` has room for its longest escape.
char* WritePiece(const char* from, std::size_t size, char* to) {
  while (size > 0) {
    const std::size_t width = std::min(size, kBlock);
    const Block block = width == kBlock ? Block::Load(from) : LoadTail(from, width);
    block.Store(to);
    const unsigned special = block.SpecialMask() & ((1U << width) - 1U);
    if (special == 0) {
      from += width;
      to += width;
      size -= width;
      continue;
    }
    const auto plain = static_cast<std::size_t>(std::countr_zero(special));
    to = Escape(static_cast<unsigned char>(from[plain]), to + plain);
    from += plain + 1;
    size -= plain + 1;
  }
  return to;
}

}  // namespace

void WriteJsonString(std::string_view text, JsonSink& sink) {
  // Every byte may become six, and a block is stored whole.
  constexpr std::size_t kPiece = (JsonSink::kLargestPiece - kBlock - 2) / 6 / kBlock * kBlock;
  sink.Put('"');
  while (text.size() > kPiece) {
    sink.Advance(WritePiece(text.data(), kPiece, sink.Reserve(JsonSink::kLargestPiece)));
    text.remove_prefix(kPiece);
  }
  char* end = WritePiece(text.data(), text.size(), sink.Reserve(text.size() * 6 + kBlock + 1));
  *end = '"';
  sink.Advance(end + 1);
}

}  // namespace eider::columnar
