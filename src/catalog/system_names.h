#pragma once

#include <string_view>

namespace eider::catalog {

// Whether `name` is a type that Eider itself defines, whatever the sources: scalars with their filters and
// aggregations, root types, OperationResult … No source may define or extend such a type.
bool IsSystemType(std::string_view name);

// Whether `name` can be a GraphQL name that is not reserved for introspection.
bool IsUsableName(std::string_view name);

}  // namespace eider::catalog
