#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/session.h"
#include "engine/text_rows.h"

namespace eider::engine {

// A function of texts in SQL whose values are costly to come by, such as answers of another server. Within one
// statement each set of arguments is asked for once, and those of many rows are asked for together.
struct BatchFunction {
  std::string name;
  int parameters = 0;  // All are VARCHAR; so is, as JSON, what it returns. NULL is nothing.

  // Answers `calls`, all different, in their order. Called from any thread, by several at a time; blocks within
  // `limits`. An error becomes that of the statement.
  std::function<Result<std::vector<std::optional<std::string>>>(const std::vector<TextRow>& calls,
                                                                const Limits& limits)>
      answer;
};

}  // namespace eider::engine
