#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "postgres/type_ids.h"

// Values in PostgreSQL's binary format, made by hand for tests.
namespace eider::postgres::testing {

template <class T>
std::string Big(T value) {
  std::string bytes;
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> shift & 0xFF));
  }
  return bytes;
}

inline std::string Sized(std::string_view bytes) { return Big(static_cast<std::int32_t>(bytes.size())).append(bytes); }
inline std::string Null() { return Big(std::int32_t{-1}); }

inline std::string Numeric(std::int16_t weight, std::uint16_t sign, std::initializer_list<std::int16_t> digits) {
  std::string bytes = Big(static_cast<std::int16_t>(digits.size())) + Big(weight) + Big(sign) + Big(std::int16_t{0});
  for (const std::int16_t digit : digits) bytes.append(Big(digit));
  return bytes;
}

// `elements` are sized or null.
inline std::string Array(TypeId type, std::initializer_list<std::string> elements) {
  std::string bytes = Big(std::int32_t{elements.size() == 0 ? 0 : 1}) + Big(std::int32_t{0}) + Big(type);
  if (elements.size() > 0) bytes.append(Big(static_cast<std::int32_t>(elements.size()))).append(Big(std::int32_t{1}));
  for (const std::string& element : elements) bytes.append(element);
  return bytes;
}

struct Member {
  TypeId type;
  std::string value;  // Sized or null.
};

inline std::string Record(std::initializer_list<Member> members) {
  std::string bytes = Big(static_cast<std::int32_t>(members.size()));
  for (const Member& member : members) bytes.append(Big(member.type)).append(member.value);
  return bytes;
}

}  // namespace eider::postgres::testing
