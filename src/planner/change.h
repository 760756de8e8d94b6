#pragma once

#include <memory>
#include <string>
#include <vector>

#include "planner/statement.h"

namespace eider::planner {

// A statement that changes rows and has no result.
struct Change {
  std::string sql;
  std::vector<int> parameter_map;
  std::vector<SessionValue> session;  // What parameters below zero stand for.
  // Of an update whose rows must stay visible to their role: the query of a row that would not; null = nothing to ask.
  std::shared_ptr<const Change> before = {};
  // The statement answers with the number of changed rows, and of those that are not visible any more, as text.
  bool counts_leaving = false;
};

// UPDATE for a bound `update_t(filter, data)`. Fails for an empty or unsafe filter, for empty data and for null in a
// required column. `parameters` are only looked at to know which are null.
PlanResult<Change> CompileUpdate(const BoundField& root);

// DELETE (or the soft delete's UPDATE) for a bound `delete_t(filter)`.
PlanResult<Change> CompileDelete(const BoundField& root);

enum class ChangedRows { kKeys, kCount };

// The query of the rows that an update or delete would change: their primary keys, or their number, as text.
PlanResult<Change> CompileChangedRows(const BoundField& root, ChangedRows what);

// Refuses filters of writes that would match more than was meant: null operators, empty objects and combinators. A
// filter that was left out matches every row on purpose.
void CheckWriteFilter(Statement& statement, const BoundField& root);

}  // namespace eider::planner
