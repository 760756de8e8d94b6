#include "geo/check_geometry.h"

#include <cmath>

namespace eider::geo {
namespace {

Error Bad(std::string message) { return {ErrorCode::kBadInput, std::move(message)}; }

Status CheckPath(const Path& path, Kind kind) {
  for (const Position& position : path) {
    if (!std::isfinite(position.x) || !std::isfinite(position.y) || !std::isfinite(position.z)) {
      return Bad("a coordinate is not a finite number");
    }
  }
  if (kind == Kind::kLineString && path.size() < 2) return Bad("a line needs two positions");
  if (kind != Kind::kPolygon) return {};
  if (path.size() < 4) return Bad("a ring needs four positions");
  const Position& first = path.front();
  const Position& last = path.back();
  if (first.x != last.x || first.y != last.y) return Bad("a ring is not closed");
  return {};
}

}  // namespace

Status CheckGeometry(const Geometry& geometry) {
  for (const Path& path : geometry.paths) EIDER_RETURN_IF_ERROR(CheckPath(path, geometry.kind));
  for (const Geometry& part : geometry.parts) EIDER_RETURN_IF_ERROR(CheckGeometry(part));
  return {};
}

}  // namespace eider::geo
