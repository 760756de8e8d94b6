#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace eider::postgres {

// The integer of type T in network byte order at `from`.
template <class T>
T ReadBig(const char* from) {
  using Bits = std::make_unsigned_t<T>;
  Bits bits;
  std::memcpy(&bits, from, sizeof bits);
  if constexpr (sizeof(T) == 2) bits = __builtin_bswap16(bits);
  if constexpr (sizeof(T) == 4) bits = __builtin_bswap32(bits);
  if constexpr (sizeof(T) == 8) bits = __builtin_bswap64(bits);
  return static_cast<T>(bits);
}

// Reads a value's bytes from front to back. After reading past the end every result is zero or empty, and ok() is
// false.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  T Number() {
    if (!Has(sizeof(T))) return 0;
    const T value = ReadBig<T>(bytes_.data());
    bytes_.remove_prefix(sizeof(T));
    return value;
  }

  std::string_view Bytes(std::size_t size) {
    if (!Has(size)) return {};
    const std::string_view part = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return part;
  }

  bool ok() const { return ok_; }
  bool at_end() const { return bytes_.empty(); }
  std::size_t left() const { return bytes_.size(); }

 private:
  bool Has(std::size_t size) {
    if (bytes_.size() >= size) return true;
    ok_ = false;
    bytes_ = {};
    return false;
  }

  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace eider::postgres
