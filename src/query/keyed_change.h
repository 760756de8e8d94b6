#pragma once

#include "engine/session.h"
#include "planner/bound.h"
#include "planner/session_value.h"

namespace eider::query {

// Runs a bound update or delete on a source whose own statements only know conditions on the key, and count rows by
// their own rules: finds the rows first, then changes them by key, all in the caller's transaction. Returns how many
// rows matched. An object without a key, or a change of all rows, is one statement.
Result<std::int64_t> ChangeByKey(engine::Session& session, const engine::Limits& limits, const planner::BoundRoot& root,
                                 const planner::Requester& requester);

}  // namespace eider::query
