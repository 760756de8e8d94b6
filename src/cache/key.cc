#include "cache/key.h"

#include "base/digest.h"

namespace eider::cache {

std::string Key::Text() const { return "eider:json:" + HexText(bytes); }

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

Key KeyBuilder::Finish() const { return {Sha256(text_)}; }

}  // namespace eider::cache
