#pragma once

#include <memory>

#include "postgres/column_builder.h"

namespace eider::postgres {

// The builder of a built-in scalar type; null when there is none.
std::unique_ptr<ColumnBuilder> MakeScalarBuilder(TypeId type);

// The builder for types whose binary form is text.
std::unique_ptr<ColumnBuilder> MakeTextBuilder();

// The error of a value whose bytes are not of its type.
Error BrokenValue(std::string_view type);

}  // namespace eider::postgres
