#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "geo/geometry.h"

// Cells of the H3 grid. Geometries are in degrees, longitude first.
namespace eider::geo {

using Cell = std::uint64_t;

inline constexpr int kMinResolution = 0;
inline constexpr int kMaxResolution = 15;
// No geometry may cover more.
inline constexpr std::int64_t kMaxCells = 10'000'000;

// The cells of `geometry`, ascending and each once: of a point its cell; of a line those it runs through; of a polygon
// those whose centre it covers, or, when it covers no centre, the one that holds its own; of a collection those of its
// parts. Fails with kBadInput when the coordinates are no longitudes and latitudes, or there would be more than
// kMaxCells.
Result<std::vector<Cell>> CellsOf(const Geometry& geometry, int resolution);

// `geometry` without the positions that change no line by more than a hundredth of a cell's edge.
Geometry SimplifiedFor(const Geometry& geometry, int resolution);

// The cells with complete sets of siblings replaced by their parents, ascending. REQUIRES: each once, of one
// resolution.
Result<std::vector<Cell>> Compacted(const std::vector<Cell>& cells);

// The outline of a cell, a polygon. Fails with kBadInput when there is no such cell.
Result<Geometry> CellBoundary(Cell cell);

// The outlines of sets of neighbouring cells, a multipolygon. Cells of several resolutions may be mixed.
Result<Geometry> CellsOutline(std::vector<Cell> cells);

// "841f1d5ffffffff", and back; nothing when the text names no cell.
std::string CellText(Cell cell);
std::optional<Cell> ParseCell(std::string_view text);

}  // namespace eider::geo
