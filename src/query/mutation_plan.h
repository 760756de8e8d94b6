#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "planner/change.h"
#include "planner/conflict.h"
#include "query/prepared_plan.h"

namespace eider::query {

// One root field that changes rows, checked before any statement of its document runs.
struct MutationPlan {
  std::shared_ptr<const planner::BoundRoot> bound;
  planner::Change change;                     // update and delete.
  std::optional<planner::Conflict> conflict;  // upserts.
  // Answers with the rows that were written; null when the answer is an OperationResult. Their keys stand behind the
  // first `selection_parameters` parameters of `bound`.
  bool reads_later = false;                        // Only the engine can read them, so after the source has committed.
  std::shared_ptr<PreparedPlan> read_one;          // By primary key.
  std::shared_ptr<PreparedPlan> read_many;         // By lists of primary keys.
  std::shared_ptr<PreparedPlan> read_conflicting;  // By the conflict target: a row that an upsert left alone.
};

// Finds a plan by its key or makes and keeps it.
using PlanSource = std::function<planner::PlanResult<std::shared_ptr<PreparedPlan>>(
    const std::string& key, const std::function<planner::PlanResult<std::shared_ptr<const planner::Plan>>()>& compile)>;

// Checks a bound mutation and compiles what does not depend on its values. Fails for required columns without a value,
// unsafe filters, and what an upsert cannot do.
planner::PlanResult<MutationPlan> PlanMutation(std::shared_ptr<const planner::BoundRoot> bound,
                                               const PlanSource& plans);

}  // namespace eider::query
