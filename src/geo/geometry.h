#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace eider::geo {

// The kinds of the Simple Features model, numbered as in WKB.
enum class Kind : std::uint8_t {
  kPoint = 1,
  kLineString,
  kPolygon,
  kMultiPoint,
  kMultiLineString,
  kMultiPolygon,
  kCollection,
};

struct Position {
  double x = 0;
  double y = 0;
  double z = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

using Path = std::vector<Position>;

// One geometry as plain data. An empty geometry has no paths and no parts.
struct Geometry {
  Kind kind = Kind::kPoint;
  bool has_z = false;
  std::vector<Path> paths;  // Point: one path of one position. LineString: one path. Polygon: its rings, outer first.
  std::vector<Geometry> parts;  // Of the multi kinds and of collections.
  friend bool operator==(const Geometry&, const Geometry&) = default;
};

// Collections nest at most this deep, in every form that is read.
inline constexpr int kMaxNesting = 16;

}  // namespace eider::geo
