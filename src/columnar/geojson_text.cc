#include "columnar/geojson_text.h"

#include <cmath>

#include "columnar/number_text.h"

namespace eider::columnar {
namespace {

using geo::Geometry;
using geo::Kind;
using geo::Path;
using geo::Position;

std::string_view NameOf(Kind kind) {
  switch (kind) {
    case Kind::kPoint: return "Point";
    case Kind::kLineString: return "LineString";
    case Kind::kPolygon: return "Polygon";
    case Kind::kMultiPoint: return "MultiPoint";
    case Kind::kMultiLineString: return "MultiLineString";
    case Kind::kMultiPolygon: return "MultiPolygon";
    case Kind::kCollection: return "GeometryCollection";
  }
  return {};
}

void WriteNumber(double value, JsonSink& sink) {
  if (!std::isfinite(value)) return sink.Append("null");
  char* to = sink.Reserve(kNumberRoom);
  sink.Advance(WriteFloat(value, to));
}

void WritePosition(const Position& position, bool has_z, JsonSink& sink) {
  sink.Put('[');
  WriteNumber(position.x, sink);
  sink.Put(',');
  WriteNumber(position.y, sink);
  if (has_z) {
    sink.Put(',');
    WriteNumber(position.z, sink);
  }
  sink.Put(']');
}

template <class Items, class Write>
void WriteList(const Items& items, JsonSink& sink, Write write) {
  sink.Put('[');
  bool first = true;
  for (const auto& item : items) {
    if (!first) sink.Put(',');
    first = false;
    write(item);
  }
  sink.Put(']');
}

void WritePath(const Path& path, bool has_z, JsonSink& sink) {
  WriteList(path, sink, [&](const Position& position) { WritePosition(position, has_z, sink); });
}

void WriteCoordinates(const Geometry& geometry, JsonSink& sink) {
  switch (geometry.kind) {
    case Kind::kPoint:
      if (geometry.paths.empty()) return sink.Append("[]");
      return WritePosition(geometry.paths[0][0], geometry.has_z, sink);
    case Kind::kLineString:
      if (geometry.paths.empty()) return sink.Append("[]");
      return WritePath(geometry.paths[0], geometry.has_z, sink);
    case Kind::kPolygon:
      return WriteList(geometry.paths, sink, [&](const Path& path) { WritePath(path, geometry.has_z, sink); });
    default: return WriteList(geometry.parts, sink, [&](const Geometry& part) { WriteCoordinates(part, sink); });
  }
}

}  // namespace

void WriteGeoJson(const Geometry& geometry, JsonSink& sink) {
  sink.Append("{\"type\":\"");
  sink.Append(NameOf(geometry.kind));
  if (geometry.kind == Kind::kCollection) {
    sink.Append("\",\"geometries\":");
    WriteList(geometry.parts, sink, [&](const Geometry& part) { WriteGeoJson(part, sink); });
  } else {
    sink.Append("\",\"coordinates\":");
    WriteCoordinates(geometry, sink);
  }
  sink.Put('}');
}

}  // namespace eider::columnar
