#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "planner/expression.h"

// Vectors: fixed arrays of numbers, which travel as text, "[0.1,0.2]".
namespace eider::planner {

// The value of `_v_distance(vector, distance)`. Vectors of another length than the column's are refused where that is
// known, else by whoever measures.
Value DistanceValue(Statement& statement, const BoundField& field, const Value& value);

// What `similarity` asks of a list of `object`, whose rows are called `alias`.
struct Similarity {
  Value rank;      // What chooses the nearest rows: an index may serve it, and it may be rounded.
  Value distance;  // How far they are, as `_v_distance` shows it; NULL where that means nothing.
  std::optional<std::int64_t> limit;
};
// Nothing when the argument does not fit the object, which the statement then knows.
std::optional<Similarity> ReadSimilarity(Statement& statement, const catalog::DataObject& object,
                                         std::string_view alias, const BoundValue& argument);

// The column that the argument `similarity` names; null when `object` has none of that name.
const catalog::Column* SimilarityColumn(const catalog::DataObject& object, const BoundValue& argument);

// What is wrong with writing `value`, or comparing it with `column`; empty when nothing is.
std::string VectorProblem(const catalog::Column& column, const BoundValue& value);

}  // namespace eider::planner
