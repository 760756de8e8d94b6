#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "catalog/model.h"

// Types of PostgreSQL by their names, as format_type() prints them: "character varying(50)", "numeric(10,2)[]".
namespace eider::planner {

// The name without length and precision.
std::string WithoutModifier(std::string_view type);

// The element's type of a list.
std::string_view ElementType(std::string_view type);

// Whether values are text that compares by a collation; an unknown (empty) type is not.
bool IsTextType(std::string_view type);

// Whether the type is one of the server's own scalar types, not one that a database defines.
bool IsBuiltInType(std::string_view type);

// Whether values are vectors of the extension pgvector, in whatever schema that is.
bool IsVectorType(std::string_view type);

// Digits of "numeric(p,s)", and how many of them stand behind the point.
struct NumericSize {
  int digits = 0;
  int scale = 0;
};
// Nothing for every other type.
std::optional<NumericSize> NumericSizeOf(std::string_view type);

}  // namespace eider::planner
