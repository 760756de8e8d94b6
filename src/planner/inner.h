#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "planner/bound.h"
#include "planner/statement.h"

// Relations marked `inner`: rows without related rows are left out.
namespace eider::planner {

// The rows of the field's relation exist for the row `alias`, its filter and inner children included.
std::string ExistsSql(Statement& statement, const BoundField& field, std::string_view alias);

// Whether rows without this relation are left out.
bool IsInner(const BoundField& field);
// Whether any of `selection` is such, those of dynamic joins included.
bool HasInner(const std::vector<BoundField>& selection);

// The rows of all relations marked `inner` in `selection` exist for the row `alias`; empty when there are none.
std::string InnerSql(Statement& statement, const std::vector<BoundField>& selection, std::string_view alias);

}  // namespace eider::planner
