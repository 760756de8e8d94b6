#include "cache/key.h"

#include <openssl/sha.h>

namespace eider::cache {

std::string Key::Text() const {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "eider:json:";
  for (const std::uint8_t byte : bytes) {
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
  return out;
}

KeyBuilder& KeyBuilder::Add(std::string_view part) {
  Add(static_cast<std::uint64_t>(part.size()));
  text_.append(part);
  return *this;
}

KeyBuilder& KeyBuilder::Add(std::uint64_t number) {
  // The same bytes on every machine, as nodes share keys.
  for (int shift = 0; shift < 64; shift += 8) text_.push_back(static_cast<char>(number >> shift));
  return *this;
}

Key KeyBuilder::Finish() const {
  Key key;
  SHA256(reinterpret_cast<const unsigned char*>(text_.data()), text_.size(), key.bytes.data());
  return key;
}

}  // namespace eider::cache
