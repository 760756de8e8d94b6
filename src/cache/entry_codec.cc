#include "cache/entry_codec.h"

#include <lz4.h>

namespace eider::cache {
namespace {

constexpr std::string_view kMagic = "EIC1";
constexpr std::size_t kCompressFrom = 4 << 10;
constexpr std::uint64_t kCompressed = 1;
constexpr std::uint64_t kTruncated = 2;
constexpr std::uint64_t kMaxTags = 4096;

void AppendNumber(std::string& out, std::uint64_t number) {
  for (int shift = 0; shift < 64; shift += 8) out.push_back(static_cast<char>(number >> shift));
}

bool TakeNumber(std::string_view& bytes, std::uint64_t& number) {
  if (bytes.size() < 8) return false;
  number = 0;
  for (int i = 7; i >= 0; --i) number = number << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
  bytes.remove_prefix(8);
  return true;
}

bool TakeText(std::string_view& bytes, std::string& text) {
  std::uint64_t size = 0;
  if (!TakeNumber(bytes, size) || size > bytes.size()) return false;
  text = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return true;
}

}  // namespace

std::string EncodeEntry(const SharedEntry& entry) {
  const std::string& text = entry.result.json;
  std::string packed;
  if (text.size() > kCompressFrom && text.size() <= LZ4_MAX_INPUT_SIZE) {
    packed.resize(static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(text.size()))));
    const int size = LZ4_compress_default(text.data(), packed.data(), static_cast<int>(text.size()),
                                          static_cast<int>(packed.size()));
    packed.resize(static_cast<std::size_t>(size));
    if (packed.size() >= text.size()) packed.clear();
  }
  std::string out(kMagic);
  AppendNumber(out, (packed.empty() ? 0 : kCompressed) | (entry.result.truncated ? kTruncated : 0));
  AppendNumber(out, static_cast<std::uint64_t>(entry.stored_ms));
  AppendNumber(out, static_cast<std::uint64_t>(entry.expires_ms));
  AppendNumber(out, entry.tags.size());
  for (const auto& [tag, version] : entry.tags) {
    AppendNumber(out, tag.size());
    out.append(tag);
    AppendNumber(out, version);
  }
  AppendNumber(out, text.size());
  return out.append(packed.empty() ? text : packed);
}

std::optional<SharedEntry> DecodeEntry(std::string_view bytes, std::size_t max_text) {
  if (!bytes.starts_with(kMagic)) return std::nullopt;
  bytes.remove_prefix(kMagic.size());
  std::uint64_t flags = 0;
  std::uint64_t stored = 0;
  std::uint64_t expires = 0;
  std::uint64_t tags = 0;
  if (!TakeNumber(bytes, flags) || !TakeNumber(bytes, stored) || !TakeNumber(bytes, expires)) return std::nullopt;
  if (!TakeNumber(bytes, tags) || tags > kMaxTags || flags > (kCompressed | kTruncated)) return std::nullopt;
  SharedEntry entry;
  entry.stored_ms = static_cast<std::int64_t>(stored);
  entry.expires_ms = static_cast<std::int64_t>(expires);
  entry.result.truncated = (flags & kTruncated) != 0;
  for (std::uint64_t i = 0; i < tags; ++i) {
    auto& [tag, version] = entry.tags.emplace_back();
    if (!TakeText(bytes, tag) || !TakeNumber(bytes, version)) return std::nullopt;
  }
  std::uint64_t size = 0;
  if (!TakeNumber(bytes, size) || size > max_text) return std::nullopt;
  if ((flags & kCompressed) == 0) {
    if (bytes.size() != size) return std::nullopt;
    entry.result.json = bytes;
    return entry;
  }
  entry.result.json.resize(size);
  const int unpacked = LZ4_decompress_safe(bytes.data(), entry.result.json.data(), static_cast<int>(bytes.size()),
                                           static_cast<int>(size));
  if (unpacked < 0 || static_cast<std::uint64_t>(unpacked) != size) return std::nullopt;
  return entry;
}

}  // namespace eider::cache
