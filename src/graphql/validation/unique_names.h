#pragma once

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace eider::graphql::validation {

// A set of names that needs no hashing while it is small.
class UniqueNames {
 public:
  // False when the name is already in.
  bool Add(std::string_view name) {
    if (!large_.empty()) return large_.insert(name).second;
    if (std::find(small_.begin(), small_.end(), name) != small_.end()) return false;
    small_.push_back(name);
    if (small_.size() > kSmall) large_.insert(small_.begin(), small_.end());
    return true;
  }

  void Clear() {
    small_.clear();
    large_.clear();
  }

 private:
  static constexpr size_t kSmall = 16;
  std::vector<std::string_view> small_;
  std::unordered_set<std::string_view> large_;
};

}  // namespace eider::graphql::validation
