#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

namespace eider::sources {

// `text` as a GraphQL name: every other character becomes `_`, a leading digit gets a `_` before it.
std::string GraphqlName(std::string_view text);

// A set of names in one scope, which keeps new ones apart from those already there.
class NameScope {
 public:
  // Enters `wanted`, or `wanted_2`, `wanted_3` … when it is taken, and returns what was entered.
  std::string Claim(const std::string& wanted);
  // Enters `name` as it is; false when it is taken.
  bool Enter(const std::string& name) { return names_.insert(name).second; }
  bool Has(const std::string& name) const { return names_.contains(name); }

 private:
  std::unordered_set<std::string> names_;
};

}  // namespace eider::sources
