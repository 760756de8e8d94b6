#pragma once

#include <optional>
#include <string_view>

#include "catalog/model.h"

namespace eider::catalog {

// The scalar called `name` in GraphQL, if there is one.
std::optional<ScalarKind> ScalarByName(std::string_view name);

// The GraphQL name; "" for kEnum and kStruct, which are named by their type.
std::string_view ScalarName(ScalarKind kind);

// The prefix of a scalar's filter inputs and aggregation types: "Int" for IntFilter; enums and IDs use "String".
std::string_view FilterFamily(ScalarKind kind);

// Timestamp, DateTime or Date: has the argument `bucket` and a `_part` field.
bool IsCalendar(ScalarKind kind);

// INTERSECTS, WITHIN, CONTAINS, DISJOIN or DWITHIN.
SpatialKind SpatialKindByName(std::string_view name);

// Whether two key columns may be compared: equal kinds, or any two of Int and BigInt.
bool KeysFit(ScalarKind left, ScalarKind right);

}  // namespace eider::catalog
