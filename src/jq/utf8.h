#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace eider::jq {

// How many bytes the first code point of `text` takes; 1 for a broken one. REQUIRES: `text` is not empty.
std::size_t CodepointSize(std::string_view text);

// Takes the first code point off `text`; a broken one is U+FFFD.
std::uint32_t TakeCodepoint(std::string_view& text);

void AppendCodepoint(std::string& out, std::uint32_t point);

std::int64_t CountCodepoints(std::string_view text);

// The byte at which code point `index` begins; the size of `text` when it has fewer.
std::size_t ByteOffset(std::string_view text, std::int64_t index);

// `text` with every broken part as U+FFFD.
std::string RepairUtf8(std::string_view text);

}  // namespace eider::jq
