#pragma once

#include <string>

#include "planner/bound.h"

namespace eider::planner {

class Access;

// The name of the PostgreSQL source that can answer all of `root` by itself: everything below, filters and sort paths
// included, is its own, nothing is marked @no_pushdown, and every feature used has a PostgreSQL form. Else empty: the
// embedded engine runs the statement, over the source as it is attached there.
std::string PushdownSource(const BoundField& root);

// Whether the filter and the order of `field` over rows of `object` need nothing but the PostgreSQL source of `object`.
// Under the rules of `access`, which may be null.
bool StaysInSource(const BoundField& field, const catalog::DataObject& object, const Access* access);

}  // namespace eider::planner
