#pragma once

#include <span>

#include "graphql/ast.h"

namespace eider::graphql::validation {

// Whether two literals are the same; the order of object fields does not matter.
bool SameValue(const Value& a, const Value& b);

// Whether two lists hold the same names with the same values, in any order.
bool SameNamedValues(std::span<const NamedValue> a, std::span<const NamedValue> b);

}  // namespace eider::graphql::validation
