#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "engine/session.h"

namespace eider::engine {

// Runs a statement to its end and returns how many rows it has changed; what it returns is dropped.
Result<std::int64_t> ChangeRows(Session& session, std::string_view sql, const Parameters& parameters = {},
                                const Limits& limits = {});

}  // namespace eider::engine
