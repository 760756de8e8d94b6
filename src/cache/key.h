#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/digest.h"

namespace eider::cache {

// The name of a result: SHA-256 over everything that the result depends on.
struct Key {
  Digest bytes{};

  // "eider:json:<hex>", as other processes see it.
  std::string Text() const;
  friend bool operator==(const Key&, const Key&) = default;
};

// The digest is its own hash.
struct KeyHash {
  std::size_t operator()(const Key& key) const noexcept {
    std::size_t out = 0;
    std::memcpy(&out, key.bytes.data(), sizeof out);
    return out;
  }
};

// Puts the parts of a key together. Every part carries its length, so that no two lists of parts give one text.
class KeyBuilder {
 public:
  KeyBuilder& Add(std::string_view part);
  KeyBuilder& Add(std::uint64_t number);
  // The key of all parts so far.
  Key Finish() const;

 private:
  std::string text_;
};

}  // namespace eider::cache
