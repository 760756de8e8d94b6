#include "catalog/scalars.h"

#include <algorithm>
#include <array>
#include <utility>

namespace eider::catalog {
namespace {

using Entry = std::pair<std::string_view, ScalarKind>;

constexpr std::array<Entry, 18> kScalars = {{
    {"String", ScalarKind::kString},
    {"Int", ScalarKind::kInt},
    {"BigInt", ScalarKind::kBigInt},
    {"Float", ScalarKind::kFloat},
    {"Boolean", ScalarKind::kBoolean},
    {"ID", ScalarKind::kId},
    {"Date", ScalarKind::kDate},
    {"Time", ScalarKind::kTime},
    {"Timestamp", ScalarKind::kTimestamp},
    {"DateTime", ScalarKind::kDateTime},
    {"Interval", ScalarKind::kInterval},
    {"JSON", ScalarKind::kJson},
    {"Geometry", ScalarKind::kGeometry},
    {"IntRange", ScalarKind::kIntRange},
    {"BigIntRange", ScalarKind::kBigIntRange},
    {"TimestampRange", ScalarKind::kTimestampRange},
    {"Vector", ScalarKind::kVector},
    {"H3Cell", ScalarKind::kH3Cell},
}};

bool IsInteger(ScalarKind kind) { return kind == ScalarKind::kInt || kind == ScalarKind::kBigInt; }

}  // namespace

std::optional<ScalarKind> ScalarByName(std::string_view name) {
  const auto found = std::ranges::find(kScalars, name, &Entry::first);
  return found == kScalars.end() ? std::nullopt : std::optional(found->second);
}

std::string_view ScalarName(ScalarKind kind) {
  const auto found = std::ranges::find(kScalars, kind, &Entry::second);
  return found == kScalars.end() ? std::string_view() : found->first;
}

std::string_view FilterFamily(ScalarKind kind) {
  if (kind == ScalarKind::kEnum || kind == ScalarKind::kId) return "String";
  return ScalarName(kind);
}

bool IsCalendar(ScalarKind kind) {
  return kind == ScalarKind::kTimestamp || kind == ScalarKind::kDateTime || kind == ScalarKind::kDate;
}

SpatialKind SpatialKindByName(std::string_view name) {
  if (name == "WITHIN") return SpatialKind::kWithin;
  if (name == "CONTAINS") return SpatialKind::kContains;
  if (name == "DISJOIN") return SpatialKind::kDisjoint;
  return name == "DWITHIN" ? SpatialKind::kDistance : SpatialKind::kIntersects;
}

bool KeysFit(ScalarKind left, ScalarKind right) { return left == right || (IsInteger(left) && IsInteger(right)); }

}  // namespace eider::catalog
