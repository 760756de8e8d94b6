#include "geo/h3_cells.h"

#include <h3_h3api.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace eider::geo {
namespace {

constexpr double kMetresPerDegree = 111'111;

Error Bad(std::string message) { return {ErrorCode::kBadInput, std::move(message)}; }

Error TooMany(int resolution) {
  return Bad("a geometry covers more than " + std::to_string(kMaxCells) + " H3 cells at resolution " +
             std::to_string(resolution) + "; choose a lower one");
}

double EdgeDegrees(int resolution) {
  double metres = 0;
  (void)getHexagonEdgeLengthAvgM(resolution, &metres);
  return metres / kMetresPerDegree;
}

LatLng Radians(const Position& position) { return {degsToRads(position.y), degsToRads(position.x)}; }

Status CheckDegrees(const Position& position) {
  if (std::isfinite(position.x) && std::abs(position.x) <= 360 && std::abs(position.y) <= 90) return {};
  return Bad("coordinates are no longitude and latitude; name their SRID with \"transform_from\"");
}

// Collects the cells of one geometry.
class Coverage {
 public:
  explicit Coverage(int resolution) : resolution_(resolution) {}

  Status Add(const Geometry& geometry) {
    for (const Path& path : geometry.paths) {
      for (const Position& position : path) EIDER_RETURN_IF_ERROR(CheckDegrees(position));
    }
    if (geometry.kind == Kind::kPolygon) return AddPolygon(geometry);
    for (const Path& path : geometry.paths) EIDER_RETURN_IF_ERROR(AddLine(path));
    for (const Geometry& part : geometry.parts) EIDER_RETURN_IF_ERROR(Add(part));
    return {};
  }

  std::vector<Cell> Take() {
    std::ranges::sort(cells_);
    cells_.erase(std::unique(cells_.begin(), cells_.end()), cells_.end());
    return std::move(cells_);
  }

 private:
  Status AddPoint(const Position& position) {
    const LatLng point = Radians(position);
    H3Index cell = 0;
    if (latLngToCell(&point, resolution_, &cell) != E_SUCCESS) return Bad("a position has no H3 cell");
    if (cells_.empty() || cells_.back() != cell) cells_.push_back(cell);
    return {};
  }

  // Walks along the line in steps well below a cell's size.
  Status AddLine(const Path& path) {
    if (path.empty()) return {};
    const double step = EdgeDegrees(resolution_) / 8;
    EIDER_RETURN_IF_ERROR(AddPoint(path.front()));
    for (std::size_t i = 1; i < path.size(); ++i) {
      const Position& from = path[i - 1];
      const Position& to = path[i];
      const double steps = std::ceil(std::hypot(to.x - from.x, to.y - from.y) / step);
      walked_ += steps;
      if (walked_ > static_cast<double>(kMaxCells)) return TooMany(resolution_);
      for (double k = 1; k <= steps; ++k) {
        const double part = k / steps;
        EIDER_RETURN_IF_ERROR(AddPoint({from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part, 0}));
      }
    }
    return {};
  }

  Status AddPolygon(const Geometry& polygon) {
    if (polygon.paths.empty()) return {};
    std::vector<std::vector<LatLng>> rings;
    for (const Path& path : polygon.paths) {
      std::vector<LatLng>& ring = rings.emplace_back();
      for (const Position& position : path) ring.push_back(Radians(position));
      // The library closes rings itself.
      if (ring.size() > 1 && path.front() == path.back()) ring.pop_back();
      if (ring.empty()) rings.pop_back();
    }
    if (rings.empty()) return {};
    std::vector<GeoLoop> loops;
    for (std::vector<LatLng>& ring : rings) loops.push_back({static_cast<int>(ring.size()), ring.data()});
    const GeoPolygon outline{loops[0], static_cast<int>(loops.size() - 1), loops.data() + 1};
    std::int64_t room = 0;
    if (maxPolygonToCellsSize(&outline, resolution_, 0, &room) != E_SUCCESS) return Bad("a polygon has no H3 cells");
    if (room > kMaxCells * 2) return TooMany(resolution_);
    std::vector<H3Index> found(static_cast<std::size_t>(room));
    if (polygonToCells(&outline, resolution_, 0, found.data()) != E_SUCCESS) return Bad("a polygon has no H3 cells");
    std::erase(found, H3Index{0});
    if (found.empty()) return AddPoint(Centre(polygon.paths[0]));
    if (static_cast<std::int64_t>(cells_.size() + found.size()) > kMaxCells) return TooMany(resolution_);
    cells_.insert(cells_.end(), found.begin(), found.end());
    return {};
  }

  // The centre of the positions, the closing one left out.
  static Position Centre(const Path& ring) {
    Position sum;
    const std::size_t count = std::max<std::size_t>(1, ring.size() - 1);
    for (std::size_t i = 0; i < count; ++i) {
      sum.x += ring[i].x;
      sum.y += ring[i].y;
    }
    return {sum.x / static_cast<double>(count), sum.y / static_cast<double>(count), 0};
  }

  const int resolution_;
  std::vector<Cell> cells_;
  double walked_ = 0;
};

Position Degrees(const LatLng& point) { return {radsToDegs(point.lng), radsToDegs(point.lat), 0}; }

// The polygons of cells of one resolution, each once.
Status AppendOutline(const std::vector<Cell>& cells, Geometry& out) {
  LinkedGeoPolygon first{};
  if (cellsToLinkedMultiPolygon(cells.data(), static_cast<int>(cells.size()), &first) != E_SUCCESS) {
    return Bad("the cells have no outline");
  }
  for (const LinkedGeoPolygon* polygon = &first; polygon != nullptr; polygon = polygon->next) {
    Geometry part;
    part.kind = Kind::kPolygon;
    for (const LinkedGeoLoop* loop = polygon->first; loop != nullptr; loop = loop->next) {
      Path ring;
      for (const LinkedLatLng* point = loop->first; point != nullptr; point = point->next) {
        ring.push_back(Degrees(point->vertex));
      }
      if (!ring.empty()) ring.push_back(ring.front());
      part.paths.push_back(std::move(ring));
    }
    if (!part.paths.empty()) out.parts.push_back(std::move(part));
  }
  destroyLinkedMultiPolygon(&first);
  return {};
}

double Distance(const Position& at, const Position& from, const Position& to) {
  const double dx = to.x - from.x;
  const double dy = to.y - from.y;
  const double square = dx * dx + dy * dy;
  double part = square == 0 ? 0 : ((at.x - from.x) * dx + (at.y - from.y) * dy) / square;
  part = std::clamp(part, 0.0, 1.0);
  return std::hypot(at.x - from.x - part * dx, at.y - from.y - part * dy);
}

// Douglas and Peucker's algorithm without recursion.
Path Simplified(const Path& path, double tolerance, std::size_t least) {
  if (path.size() <= least) return path;
  std::vector<bool> kept(path.size(), false);
  kept.front() = kept.back() = true;
  std::vector<std::pair<std::size_t, std::size_t>> open{{0, path.size() - 1}};
  while (!open.empty()) {
    const auto [from, to] = open.back();
    open.pop_back();
    std::size_t farthest = from;
    double distance = tolerance;
    for (std::size_t i = from + 1; i < to; ++i) {
      const double here = Distance(path[i], path[from], path[to]);
      if (here > distance) {
        distance = here;
        farthest = i;
      }
    }
    if (farthest == from) continue;
    kept[farthest] = true;
    open.emplace_back(from, farthest);
    open.emplace_back(farthest, to);
  }
  Path out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (kept[i]) out.push_back(path[i]);
  }
  return out.size() < least ? path : out;
}

void SimplifyPaths(Geometry& geometry, double tolerance) {
  const std::size_t least = geometry.kind == Kind::kPolygon ? 4 : 2;
  for (Path& path : geometry.paths) path = Simplified(path, tolerance, least);
  for (Geometry& part : geometry.parts) SimplifyPaths(part, tolerance);
}

}  // namespace

Result<std::vector<Cell>> CellsOf(const Geometry& geometry, int resolution) {
  if (resolution < kMinResolution || resolution > kMaxResolution) return Bad("an H3 resolution is from 0 to 15");
  Coverage coverage(resolution);
  EIDER_RETURN_IF_ERROR(coverage.Add(geometry));
  return coverage.Take();
}

Geometry SimplifiedFor(const Geometry& geometry, int resolution) {
  Geometry out = geometry;
  SimplifyPaths(out, EdgeDegrees(std::clamp(resolution, kMinResolution, kMaxResolution)) / 100);
  return out;
}

Result<std::vector<Cell>> Compacted(const std::vector<Cell>& cells) {
  std::vector<Cell> out(cells.size());
  if (!cells.empty() && compactCells(cells.data(), out.data(), static_cast<std::int64_t>(cells.size())) != E_SUCCESS) {
    return Bad("the cells cannot be compacted: they must differ and have one resolution");
  }
  std::erase(out, Cell{0});
  std::ranges::sort(out);
  return out;
}

Result<Geometry> CellBoundary(Cell cell) {
  ::CellBoundary boundary{};
  if (isValidCell(cell) == 0 || cellToBoundary(cell, &boundary) != E_SUCCESS) {
    return Bad("there is no H3 cell " + CellText(cell));
  }
  Geometry out;
  out.kind = Kind::kPolygon;
  Path& ring = out.paths.emplace_back();
  for (int i = 0; i < boundary.numVerts; ++i) ring.push_back(Degrees(boundary.verts[i]));
  ring.push_back(ring.front());
  return out;
}

Result<Geometry> CellsOutline(std::vector<Cell> cells) {
  for (const Cell cell : cells) {
    if (isValidCell(cell) == 0) return Bad("there is no H3 cell " + CellText(cell));
  }
  std::ranges::sort(cells);
  cells.erase(std::unique(cells.begin(), cells.end()), cells.end());
  Geometry out;
  out.kind = Kind::kMultiPolygon;
  // Ascending cells are ascending in their resolution.
  for (auto from = cells.begin(); from != cells.end();) {
    const int resolution = getResolution(*from);
    const auto to = std::find_if(from, cells.end(), [&](Cell cell) { return getResolution(cell) != resolution; });
    EIDER_RETURN_IF_ERROR(AppendOutline({from, to}, out));
    from = to;
  }
  return out;
}

std::string CellText(Cell cell) {
  char text[16];
  const char* end = std::to_chars(text, text + sizeof(text), cell, 16).ptr;
  return {&text[0], static_cast<std::size_t>(end - text)};
}

std::optional<Cell> ParseCell(std::string_view text) {
  Cell cell = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), cell, 16);
  if (code != std::errc() || end != text.data() + text.size() || isValidCell(cell) == 0) return std::nullopt;
  return cell;
}

}  // namespace eider::geo
