#pragma once

#include <optional>
#include <string>
#include <vector>

#include "planner/plan.h"

namespace eider::planner {

// What an upsert does with a row whose key exists.
struct Conflict {
  std::vector<const catalog::Column*> target;
  // The columns to set; nothing = all given ones outside of keys, none = leave the row as it is.
  std::optional<std::vector<const catalog::Column*>> update;
};

// Reads `on_conflict` and `update` of a bound upsert and checks that its rows hold columns only. Fails for unknown
// columns, for a table without a primary key when `on_conflict` is absent, for related rows, and for rows that would be
// changed twice, of which engines keep one or none.
PlanResult<Conflict> ReadConflict(const BoundRoot& root);

// The ON CONFLICT clause for rows that give the columns of `row`. The table's alias is "objects".
std::string ConflictSql(const catalog::DataObject& object, const Conflict& conflict, const BoundValue& row);

}  // namespace eider::planner
