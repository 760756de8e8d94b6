#pragma once

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

// Digits behind the point of "numeric(p,s)"; -1 for every other type.
int ScaleOf(std::string_view type);

}  // namespace eider::planner
