#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "catalog/model.h"

// The placeholders that SQL text of a schema may hold (5.5).
namespace eider::planner {

class Statement;

// What stands for a placeholder; nothing keeps its text. `qualifies`: a dot follows.
using ResolvePlaceholder = std::function<std::optional<std::string>(std::string_view name, bool qualifies)>;

// `sql` with its placeholders replaced once; literals, quoted names and comments stay as they are.
std::string ReplacePlaceholders(std::string_view sql, const ResolvePlaceholder& resolve);

// The value of `[$catalog]` and `[$auth.…]` in the SQL of `source`; nothing for all others. The identity comes as
// parameters, so that a plan serves everybody.
std::optional<std::string> SystemPlaceholder(Statement& statement, const catalog::Source& source, std::string_view name,
                                             bool qualifies);

}  // namespace eider::planner
