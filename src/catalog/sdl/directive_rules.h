#pragma once

#include "base/result.h"
#include "catalog/sdl/declared.h"

namespace eider::catalog {

// Checks every directive of the source against the table of known ones (5.2–5.4): name, place, repetition, arguments
// and their types. A directive that belongs to later work is refused, a mark without effect passes.
Status CheckDirectives(const DeclaredSource& source);

}  // namespace eider::catalog
