#include "server/gis_functions.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "columnar/geojson_text.h"
#include "geo/h3_cells.h"
#include "geo/parse.h"

namespace eider::server {
namespace {

using query::RequestContext;
using rapidjson::Value;

const Value* Find(const Value& arguments, const char* name) {
  const auto it = arguments.FindMember(name);
  return it == arguments.MemberEnd() || it->value.IsNull() ? nullptr : &it->value;
}

Result<geo::Geometry> GeometryArgument(const Value& arguments) {
  const Value* value = Find(arguments, "geom");
  if (value == nullptr) return Error(ErrorCode::kBadInput, "argument \"geom\" is required");
  auto geometry = value->IsString() ? geo::ParseGeometry(std::string_view(value->GetString(), value->GetStringLength()))
                                    : geo::ParseGeometry(JsonTextOf(*value));
  if (geometry) return geometry;
  return Error(ErrorCode::kBadInput, "Geometry cannot represent the value of \"geom\": " + geometry.error().message);
}

// Hex text or an integer.
Result<geo::Cell> ReadCell(const Value& value) {
  std::optional<geo::Cell> cell;
  if (value.IsUint64()) cell = geo::ParseCell(geo::CellText(value.GetUint64()));
  if (value.IsString()) cell = geo::ParseCell(std::string_view(value.GetString(), value.GetStringLength()));
  if (!cell) return Error(ErrorCode::kBadInput, "H3Cell cannot represent value: " + JsonTextOf(value));
  return *cell;
}

std::string GeoJson(const geo::Geometry& geometry) {
  std::string out;
  {
    columnar::JsonSink sink(out);
    columnar::WriteGeoJson(geometry, sink);
  }
  return out;
}

Result<std::string> GeometryToCells(const Value& arguments) {
  EIDER_ASSIGN_OR_RETURN(geo::Geometry geometry, GeometryArgument(arguments));
  const Value* given = Find(arguments, "resolution");
  const int resolution = given != nullptr && given->IsInt() ? given->GetInt() : -1;
  if (FlagMember(arguments, "simplify")) geometry = geo::SimplifiedFor(geometry, resolution);
  EIDER_ASSIGN_OR_RETURN(std::vector<geo::Cell> cells, geo::CellsOf(geometry, resolution));
  if (FlagMember(arguments, "compact")) {
    EIDER_ASSIGN_OR_RETURN(cells, geo::Compacted(cells));
  }
  std::string out = "[";
  for (const geo::Cell cell : cells) {
    if (out.size() > 1) out.push_back(',');
    AppendJsonString(out, geo::CellText(cell));
  }
  return out + "]";
}

Result<std::string> CellToGeometry(const Value& arguments) {
  const Value* value = Find(arguments, "cell");
  if (value == nullptr) return Error(ErrorCode::kBadInput, "argument \"cell\" is required");
  EIDER_ASSIGN_OR_RETURN(const geo::Cell cell, ReadCell(*value));
  EIDER_ASSIGN_OR_RETURN(const geo::Geometry outline, geo::CellBoundary(cell));
  return GeoJson(outline);
}

Result<std::string> CellsToMultiPolygon(const Value& arguments) {
  const Value* values = Find(arguments, "cells");
  std::vector<geo::Cell> cells;
  if (values != nullptr && values->IsArray()) {
    for (const Value& value : values->GetArray()) {
      EIDER_ASSIGN_OR_RETURN(const geo::Cell cell, ReadCell(value));
      cells.push_back(cell);
    }
  } else if (values != nullptr) {
    EIDER_ASSIGN_OR_RETURN(const geo::Cell cell, ReadCell(*values));
    cells.push_back(cell);
  }
  if (FlagMember(arguments, "compact")) {
    std::ranges::sort(cells);
    cells.erase(std::unique(cells.begin(), cells.end()), cells.end());
    EIDER_ASSIGN_OR_RETURN(cells, geo::Compacted(cells));
  }
  EIDER_ASSIGN_OR_RETURN(const geo::Geometry outline, geo::CellsOutline(std::move(cells)));
  return GeoJson(outline);
}

}  // namespace

void RegisterGisFunctions(query::FunctionRegistry& functions) {
  const auto add = [&](std::string name, Result<std::string> (*call)(const Value&)) {
    functions.Register(std::move(name),
                       [call](const Value& arguments, const RequestContext&) { return call(arguments); });
  };
  add("core.gis.geom_to_h3_cells", GeometryToCells);
  add("core.gis.h3_cell_to_geom", CellToGeometry);
  add("core.gis.h3_cells_to_multi_polygon", CellsToMultiPolygon);
}

}  // namespace eider::server
