#pragma once

#include <string_view>

#include "base/result.h"
#include "geo/geometry.h"

namespace eider::geo {

// Reads a geometry as clients write it: a GeoJSON geometry object, WKT (also with a leading "SRID=n;", which is
// ignored), or WKB in hex. Fails with kBadInput and what is wrong with the text. Rings must be closed and have four
// positions, lines two; coordinates must be finite. Accepts any bytes.
Result<Geometry> ParseGeometry(std::string_view text);

// The three forms by themselves.
Result<Geometry> ParseGeoJson(std::string_view text);
Result<Geometry> ParseWkt(std::string_view text);
Result<Geometry> ParseHexWkb(std::string_view text);

}  // namespace eider::geo
