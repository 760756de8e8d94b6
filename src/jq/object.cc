#include <algorithm>
#include <functional>

#include "jq/value.h"

namespace eider::jq {
namespace {

// Up to this many members a scan is as fast as an index.
constexpr std::size_t kSmall = 12;
constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);

}  // namespace

std::size_t Object::Position(std::string_view key) const {
  if (members_.size() <= kSmall) {
    for (std::size_t i = 0; i < members_.size(); ++i) {
      if (members_[i].first == key) return i;
    }
    return kAbsent;
  }
  const std::hash<std::string_view> hash;
  if (slots_.size() < members_.size() * 2) {
    std::size_t size = 64;
    while (size < members_.size() * 4) size *= 2;
    slots_.assign(size, 0);
    for (std::size_t i = 0; i < members_.size(); ++i) {
      std::size_t slot = hash(members_[i].first) & (size - 1);
      while (slots_[slot] != 0) slot = (slot + 1) & (size - 1);
      slots_[slot] = static_cast<std::uint32_t>(i + 1);
    }
  }
  for (std::size_t slot = hash(key) & (slots_.size() - 1); slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
    if (members_[slots_[slot] - 1].first == key) return slots_[slot] - 1;
  }
  return kAbsent;
}

const Value* Object::Find(std::string_view key) const {
  const std::size_t at = Position(key);
  return at == kAbsent ? nullptr : &members_[at].second;
}

Value& Object::At(std::string_view key) {
  const std::size_t at = Position(key);
  if (at != kAbsent) return members_[at].second;
  members_.emplace_back(std::string(key), Value());
  if (!slots_.empty()) {
    std::size_t slot = std::hash<std::string_view>()(key) & (slots_.size() - 1);
    while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = static_cast<std::uint32_t>(members_.size());
  }
  return members_.back().second;
}

void Object::Set(std::string_view key, Value value) { At(key) = std::move(value); }

void Object::Erase(std::string_view key) {
  const std::size_t at = Position(key);
  if (at == kAbsent) return;
  members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(at));
  slots_.clear();
}

std::vector<const Object::Member*> Object::Sorted() const {
  std::vector<const Member*> sorted;
  sorted.reserve(members_.size());
  for (const Member& member : members_) sorted.push_back(&member);
  std::ranges::sort(sorted, {}, [](const Member* member) -> const std::string& { return member->first; });
  return sorted;
}

}  // namespace eider::jq
