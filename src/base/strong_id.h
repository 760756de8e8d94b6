#pragma once

#include <functional>
#include <string>
#include <utility>

namespace eider {

// A string that stands for one kind of thing and never mixes with another kind.
template <class Tag>
class StrongId {
 public:
  StrongId() = default;
  explicit StrongId(std::string value) : value_(std::move(value)) {}
  const std::string& value() const { return value_; }
  friend bool operator==(const StrongId&, const StrongId&) = default;
  friend auto operator<=>(const StrongId&, const StrongId&) = default;

 private:
  std::string value_;
};

using SourceName = StrongId<struct SourceNameTag>;

}  // namespace eider

template <class Tag>
struct std::hash<eider::StrongId<Tag>> {
  std::size_t operator()(const eider::StrongId<Tag>& id) const noexcept { return std::hash<std::string>()(id.value()); }
};
