#include "graphql/validation/value_equality.h"

#include <algorithm>
#include <vector>

namespace eider::graphql::validation {
namespace {

std::vector<const NamedValue*> SortedByName(std::span<const NamedValue> values) {
  std::vector<const NamedValue*> sorted;
  sorted.reserve(values.size());
  for (const NamedValue& value : values) sorted.push_back(&value);
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto* x, const auto* y) { return x->name < y->name; });
  return sorted;
}

}  // namespace

bool SameValue(const Value& a, const Value& b) {
  if (a.kind != b.kind || a.count != b.count) return false;
  if (a.kind == ValueKind::kObject) return SameNamedValues(a.fields(), b.fields());
  if (a.kind != ValueKind::kList) return a.text == b.text;
  return std::equal(a.items().begin(), a.items().end(), b.items().begin(), SameValue);
}

bool SameNamedValues(std::span<const NamedValue> a, std::span<const NamedValue> b) {
  if (a.size() != b.size()) return false;
  const auto same_name = [](const NamedValue& x, const NamedValue& y) { return x.name == y.name; };
  if (std::equal(a.begin(), a.end(), b.begin(), same_name)) {
    return std::equal(a.begin(), a.end(), b.begin(),
                      [](const NamedValue& x, const NamedValue& y) { return SameValue(x.value, y.value); });
  }
  const auto left = SortedByName(a);
  const auto right = SortedByName(b);
  return std::equal(left.begin(), left.end(), right.begin(), [](const NamedValue* x, const NamedValue* y) {
    return x->name == y->name && SameValue(x->value, y->value);
  });
}

}  // namespace eider::graphql::validation
