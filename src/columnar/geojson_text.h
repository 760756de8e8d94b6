#pragma once

#include "columnar/json_sink.h"
#include "geo/geometry.h"

namespace eider::columnar {

// Writes a GeoJSON geometry with coordinates as the shortest numbers that read back.
void WriteGeoJson(const geo::Geometry& geometry, JsonSink& sink);

}  // namespace eider::columnar
