#pragma once

#include <string>
#include <vector>

#include "engine/session.h"
#include "planner/rule_data.h"

namespace eider::query {

// A row that a check found.
struct CheckedRow {
  std::vector<std::string> key;
  bool passes = false;
};

// Who writes, under which rules. Null access = no rules.
struct WriteAccess {
  const planner::Access* access = nullptr;
  const planner::Requester& requester;
};

// The rows of `object` whose columns `key` have one of `values`, and whether they pass `rule`.
Result<std::vector<CheckedRow>> CheckRows(engine::Session& session, const engine::Limits& limits,
                                          const WriteAccess& writer, const catalog::DataObject& object,
                                          const std::vector<const catalog::Column*>& key,
                                          const std::vector<std::vector<std::string>>& values, planner::RowRule rule);

inline Error ForbiddenError() { return {ErrorCode::kForbidden, std::string(planner::kForbidden)}; }

}  // namespace eider::query
