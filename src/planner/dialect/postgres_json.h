#pragma once

#include <string>

#include "catalog/model.h"

namespace eider::planner {

// Which values a conversion from JSON takes besides those of the wanted type.
enum class JsonConversion {
  kText,   // What the text of the value can be read as.
  kTyped,  // Also numbers as booleans and booleans as numbers.
};

// A JSON expression of PostgreSQL as a value of `kind`; NULL when it cannot be converted. `json` is evaluated once.
std::string ConvertedJson(const std::string& json, catalog::ScalarKind kind, JsonConversion conversion);

}  // namespace eider::planner
