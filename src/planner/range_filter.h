#pragma once

#include <string>
#include <string_view>

#include "planner/expression.h"

namespace eider::planner {

// Whether values of this kind are ranges, stored as text such as "[1,5)".
bool IsRange(catalog::ScalarKind kind);

// The condition of one range operator (eq, contains, intersects, includes, excludes, upper, lower, *_inclusive, *_inf)
// on a range that is stored as text.
std::string RangeTextCondition(Statement& statement, const Value& range, std::string_view op,
                               const BoundValue& operand);

}  // namespace eider::planner
