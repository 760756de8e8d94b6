#pragma once

#include "planner/bound.h"
#include "planner/plan.h"
#include "planner/statement.h"

namespace eider::planner {

// Compiles `Query.h3` (10.8) into `plan`: every member below `data` is one grouped query with a row per H3 cell; the
// cells of all are put together and the members joined to them. Runs in the embedded engine, which has the functions
// that map geometries to cells. REQUIRES: a statement of that engine.
void CompileHexagons(Statement& statement, const BoundField& root, Plan& plan);

}  // namespace eider::planner
