#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/model.h"
#include "engine/value.h"

// Many rows of values as one parameter. Engines take them as the text of a JSON list of lists of texts, which they read
// several times faster than the same values one by one.
namespace eider::planner {

// Appends the text of a scalar as engines read it; nothing for NULL and lists.
void AppendScalarText(const engine::Value& value, std::string& out);

// Appends one row, with a comma after an earlier one.
void AppendRowText(const std::vector<const engine::Value*>& cells, std::string& out);

}  // namespace eider::planner
