#pragma once

#include "base/result.h"
#include "catalog/model.h"
#include "catalog/sdl/declared.h"

namespace eider::catalog {

// Checks what only extension sources may declare, and what they may not (14.1): tables, functions, modules and stored
// or computed fields of other sources' types.
Status CheckExtensionRules(const DeclaredSource& declared, const Source& source);

}  // namespace eider::catalog
