#pragma once

#include <span>
#include <string>
#include <vector>

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

// The same for several rows by whole numbers: "true" or "false", then the columns of the target, all as text.
// REQUIRES: HasNumbers() of each.
RowStatement CompileFindConflicting(const InsertRequest& request, std::span<const NewRow> rows);

// Whether the row gives a whole number for each column of the target, which is the same to everybody who compares.
bool HasNumbers(const InsertRequest& request, const NewRow& row);

// The values of the target's columns, as CompileFindConflicting() gives them. REQUIRES: HasNumbers().
std::vector<std::string> NumbersOf(const InsertRequest& request, const NewRow& row);

// The UPDATE of that row.
RowStatement CompileConflictingUpdate(const InsertRequest& request, const NewRow& row);

}  // namespace eider::planner
