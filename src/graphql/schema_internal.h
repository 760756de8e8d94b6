#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <unordered_map>

#include "graphql/schema.h"

namespace eider::graphql {

struct Schema::TypeTable {
  std::unordered_map<std::string_view, const Type*> types;
};

inline size_t HashName(std::string_view name) { return std::hash<std::string_view>{}(name); }

// The position of `name` in an open-addressing table of 1-based positions, or NameIndex::kNone. The table is never
// full.
template <class NameAt>
uint32_t FindSlot(std::span<const uint32_t> slots, std::string_view name, NameAt name_at) {
  const size_t mask = slots.size() - 1;
  for (size_t i = HashName(name) & mask; slots[i] != 0; i = (i + 1) & mask) {
    if (name_at(slots[i] - 1) == name) return slots[i] - 1;
  }
  return NameIndex::kNone;
}

// Enters `position` under `name`, which is not in the table yet.
inline void InsertSlot(std::span<uint32_t> slots, std::string_view name, uint32_t position) {
  const size_t mask = slots.size() - 1;
  size_t i = HashName(name) & mask;
  while (slots[i] != 0) i = (i + 1) & mask;
  slots[i] = position + 1;
}

}  // namespace eider::graphql
