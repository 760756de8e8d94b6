#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "geo/geometry.h"

namespace eider::geo {

// Reads WKB (ISO or with PostGIS's flags) of either byte order; M values are dropped. Fails with kBadInput when bytes
// are missing or left over, or the kind is a curve or a surface. Accepts any bytes.
Result<Geometry> ReadWkb(std::string_view bytes);

// ISO WKB, little-endian.
std::string WriteWkb(const Geometry& geometry);

// Bytes as upper-case hex, and back (empty when the text is no hex).
std::string ToHex(std::string_view bytes);
std::string FromHex(std::string_view text);

}  // namespace eider::geo
