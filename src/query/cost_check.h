#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "query/leaf.h"

namespace eider::query {

// How often a statement calls servers over HTTP for each of its rows.
int CallsIn(std::string_view sql);

// What a plan is expected to cost: the most rows of any of its steps, times its joins, its `calls` and one. `explained`
// is what the engine or PostgreSQL answers to EXPLAIN in JSON. Fails with kInternal for any other text.
Result<double> CostOf(std::string_view explained, int calls = 0);

// Asks what the statement of `leaf` would cost, without running it; what it first reads from other sources counts, and
// runs once that was checked. Fails with kQueryTooComplex beyond `max_cost`.
Status CheckCost(Leaf& leaf, const SessionRouter& sessions, const Leaf::Settings& settings, double max_cost);

}  // namespace eider::query
