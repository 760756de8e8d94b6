#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/entry.h"

namespace eider::cache {

// A result as other nodes see it. Times are milliseconds of the wall clock.
struct SharedEntry {
  Computed result;
  std::int64_t stored_ms = 0;
  std::int64_t expires_ms = 0;                              // 0 = never.
  std::vector<std::pair<std::string, std::uint64_t>> tags;  // With the versions before the result was computed.
};

// The bytes of an entry: "EIC1", flags, times, tags, the length of the text, the text; numbers little-endian. A text
// above 4 KiB is compressed by LZ4.
std::string EncodeEntry(const SharedEntry& entry);

// Nothing for bytes that are none of EncodeEntry(), or whose text would be longer than `max_text`.
std::optional<SharedEntry> DecodeEntry(std::string_view bytes, std::size_t max_text);

}  // namespace eider::cache
