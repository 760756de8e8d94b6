#pragma once

#include <map>
#include <string>
#include <vector>

#include "planner/plan.h"

namespace eider::planner {

// Values that a row takes from the rows it is related to, in the engine's text form.
using KeyValues = std::map<const catalog::Column*, std::string>;

// One INSERT … RETURNING statement: its own parameters come first from the request, then from `keys`.
struct InsertRow {
  std::string sql;
  engine::Parameters parameters;
  std::vector<const catalog::Column*> returned;  // In the order of RETURNING; each as text.
};

// Compiles the insert of one row of `object` with the scalar members of `data` (relations are the caller's) and `keys`.
// Fails with "field <path>.<name> is required" and for unknown defaults.
PlanResult<InsertRow> CompileInsertRow(const catalog::DataObject& object, const BoundValue& data, const KeyValues& keys,
                                       const engine::Parameters& request, const std::string& path,
                                       graphql::Position position);

}  // namespace eider::planner
