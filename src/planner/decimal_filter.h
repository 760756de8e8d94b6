#pragma once

#include <string>
#include <string_view>

#include "planner/expression.h"

namespace eider::planner {

// The condition of a comparison (eq, ne, gt, gte, lt, lte, in) with a decimal that has more digits than a double holds,
// in the embedded engine; empty for any other value or operator. What an operand that had to be rounded cannot tell is
// told by doubles.
std::string WideDecimalCondition(Statement& statement, const Value& value, std::string_view op,
                                 const BoundValue& operand);

}  // namespace eider::planner
