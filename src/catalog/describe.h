#pragma once

#include <string>

#include "catalog/compiler.h"

namespace eider::catalog {

// The SDL of a source as declared, all files merged, in canonical form (4.6): definitions in order, then extensions.
// `self`: only what introspection gives. A file with a syntax error is answered as it is.
std::string DescribeSource(const SourceDefinition& definition, bool self);

}  // namespace eider::catalog
