#pragma once

#include <string_view>

#include "graphql/schema.h"

namespace eider::catalog {

// How a generated field gets its value, as introspection tells it (`__Field.field_kind`); empty without a binding.
std::string_view FieldKindName(const graphql::Annotation* binding);

}  // namespace eider::catalog
