#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "query/leaf.h"

namespace eider::query {

// What a plan is expected to cost: the most rows of any of its steps, times its joins and one. `explained` is what the
// engine or PostgreSQL answers to EXPLAIN in JSON. Fails with kInternal for any other text.
Result<double> CostOf(std::string_view explained);

// Asks what the statement of `leaf` would cost, without running it. Fails with kQueryTooComplex beyond `max_cost`.
Status CheckCost(Leaf& leaf, const SessionRouter& sessions, const Leaf::Settings& settings, double max_cost);

}  // namespace eider::query
