#pragma once

#include "planner/plan.h"

namespace eider::planner {

// Checks the `data` of a bound insert, related rows included, before any statement runs: every required column of every
// row has a value, a default, or takes the key of a related row. Fails with "field <path>.<name> is required".
PlanResult<void> CheckInsert(const BoundField& root);

// Whether `object` has the relation `name` and rows of it can be inserted along.
const catalog::Relation* InsertedRelation(const catalog::DataObject& object, const BoundMember& member);

}  // namespace eider::planner
