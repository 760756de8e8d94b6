#pragma once

#include <string_view>

#include "planner/expression.h"

namespace eider::planner {

// The value of a selected field on the row `alias` of `object`: a column with its arguments, an extra field over one,
// or what a function answers. Its text is empty for any other kind of field.
Value FieldValue(Statement& statement, const BoundField& field, const catalog::DataObject& object,
                 std::string_view alias);

}  // namespace eider::planner
