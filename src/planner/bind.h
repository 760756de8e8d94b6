#pragma once

#include "graphql/collect.h"
#include "planner/bound.h"
#include "planner/plan.h"
#include "planner/temporal_input.h"

namespace eider::planner {

struct BindContext {
  const graphql::CollectContext& collect;
  ZoneOffset zone;                                 // Null = UTC.
  bool no_pushdown = false;                        // Something around the field has @no_pushdown.
  std::shared_ptr<const Access> access = nullptr;  // The rules of the role; null = none.
};

// Puts variables into a collected root field, takes literals out as parameters and builds the plan's key. Fails when a
// value does not fit its scalar ("Timestamp cannot represent value: …"). REQUIRES: a valid document.
PlanResult<BoundRoot> BindRoot(const BindContext& context, const graphql::CollectedField& field);

}  // namespace eider::planner
