#pragma once

#include "planner/plan.h"

namespace eider::planner {

// Compiles the selection of a bound insert or upsert over the rows that it wrote. Parameter `first_key + k` of the
// request is the value of key column k, for one row, or a list of values, for many rows. The plan for many rows has
// their position as column 0 of its result and says so in Plan::batch_sql and batch_shape.
PlanResult<std::shared_ptr<const Plan>> CompileReadOne(const BoundField& root,
                                                       const std::vector<const catalog::Column*>& key, int first_key);
// `in_source`: by the source itself; otherwise by the engine, for selections that the source cannot read.
PlanResult<std::shared_ptr<const Plan>> CompileReadMany(const BoundField& root, int first_key, bool in_source);

}  // namespace eider::planner
