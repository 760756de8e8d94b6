#pragma once

#include <string>

#include "catalog/compiler.h"

namespace eider::catalog {

// "schema.f" as SQL: the source's own function when it has one, else whatever the engine knows by that name.
std::string CallName(const SourceDefinition& definition, const std::string& name);

}  // namespace eider::catalog
