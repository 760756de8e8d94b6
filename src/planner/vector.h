#pragma once

#include "planner/expression.h"

// Vectors: fixed arrays of numbers, which travel as text, "[0.1,0.2]".
namespace eider::planner {

// The value of `_v_distance(vector, distance)`. Only for the engine: see pushdown.cc. Vectors of another length than
// the column's are refused where that is known, else the engine refuses them.
Value DistanceValue(Statement& statement, const BoundField& field, const Value& value);

// What is wrong with writing `value`, or comparing it with `column`; empty when nothing is.
std::string VectorProblem(const catalog::Column& column, const BoundValue& value);

}  // namespace eider::planner
