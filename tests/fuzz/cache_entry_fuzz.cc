// What a cache server answers: entries of other nodes, and memcached's protocol.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cache/entry_codec.h"
#include "cache/memcached_channel.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMax = 1 << 20;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto entry = eider::cache::DecodeEntry(bytes, kMax)) {
    // What was read is written and read again without a difference.
    const auto again = eider::cache::DecodeEntry(eider::cache::EncodeEntry(*entry), kMax);
    if (!again || again->result.json != entry->result.json || again->tags != entry->tags) std::abort();
  }
  (void)eider::cache::ReadMemcachedValues(bytes, kMax);
  return 0;
}
