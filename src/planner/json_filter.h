#pragma once

#include <string>
#include <string_view>

#include "planner/bound.h"
#include "planner/statement.h"

namespace eider::planner {

// The condition of one JSON operator (eq, has, has_all, contains) on the JSON expression `json` in the embedded
// engine's functions. The operand is structure, in which only rules have parameters.
std::string EngineJsonCondition(Statement& statement, const std::string& json, std::string_view op,
                                const BoundValue& operand);

// A structural value as JSON text.
std::string JsonTextOf(const BoundValue& value);

}  // namespace eider::planner
