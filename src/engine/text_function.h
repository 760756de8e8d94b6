#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace eider::engine {

// A function of texts that SQL can call. Nothing stands for NULL.
struct TextFunction {
  using Argument = std::optional<std::string_view>;
  std::string name;
  int arguments = 1;
  bool is_volatile = false;  // Called for each row, even with arguments that do not change.
  // Called on the engine's threads; a failure is the statement's.
  std::function<Result<std::optional<std::string>>(std::span<const Argument>)> call;
};

}  // namespace eider::engine
