#pragma once

#include "planner/find_row.h"

namespace eider::planner {

// A statement with parameters of its own.
struct RowStatement {
  std::string sql;  // Empty = nothing to do.
  engine::Parameters parameters;
};

// The query for the row that has the values of `request.conflict`'s target which `row` gives: its columns are "true" or
// "false", whether it may be changed, then `request.returned`, all as text. REQUIRES: GivesTarget().
RowStatement CompileFindConflicting(const InsertRequest& request, const NewRow& row);

// The UPDATE of that row.
RowStatement CompileConflictingUpdate(const InsertRequest& request, const NewRow& row);

}  // namespace eider::planner
