#include "graphql/coerce.h"

namespace eider::graphql {

const Value* Variables::Find(std::string_view name) const {
  for (const auto& [known, value] : values_) {
    if (known == name) return value;
  }
  return nullptr;
}

void Variables::Set(std::string_view name, const Value* value) {
  for (auto& [known, old] : values_) {
    if (known == name) {
      old = value;
      return;
    }
  }
  values_.emplace_back(name, value);
}

}  // namespace eider::graphql
