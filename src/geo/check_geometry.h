#pragma once

#include "base/result.h"
#include "geo/geometry.h"

namespace eider::geo {

// What every written geometry must satisfy: finite coordinates, lines of two positions, closed rings of four. Empty
// geometries do.
Status CheckGeometry(const Geometry& geometry);

}  // namespace eider::geo
