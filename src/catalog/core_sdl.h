#pragma once

#include "catalog/compiler.h"

namespace eider::catalog {

// The core database as a source like any other: module and prefix `core`, tables in schema `eider` of the database
// attached as `core`.
SourceDefinition CoreDefinition();

}  // namespace eider::catalog
