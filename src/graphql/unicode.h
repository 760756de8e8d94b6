#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace eider::graphql {

// Bytes of the UTF-8 sequence that starts with `lead`; 1 for a byte that starts none.
size_t Utf8Length(unsigned char lead);

// The code point at `position` of valid UTF-8. REQUIRES: position < text.size().
uint32_t DecodeUtf8(std::string_view text, size_t position);

// Appends a Unicode scalar value as UTF-8.
void AppendUtf8(uint32_t code_point, std::string* out);

// Whether the code point exists and is no surrogate.
bool IsUnicodeScalar(uint32_t code_point);

// The offset of the first byte that is not part of valid UTF-8, or npos.
size_t FindInvalidUtf8(std::string_view text);

// At least four upper-case hex digits.
std::string HexCodePoint(uint32_t code_point);

// The first `units` UTF-16 code units of `text`, never half a character.
std::string_view Utf16Prefix(std::string_view text, size_t units);

}  // namespace eider::graphql
