#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "engine/value.h"

namespace eider::postgres {

// A parameter in PostgreSQL's text form; nothing stands for NULL. Lists become array literals. Fails with kBadInput for
// text that holds a NUL character.
Result<std::optional<std::string>> ParameterText(const engine::Value& value);

}  // namespace eider::postgres
