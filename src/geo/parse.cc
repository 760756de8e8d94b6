#include "geo/parse.h"

#include "geo/check_geometry.h"
#include "geo/wkb.h"

namespace eider::geo {
namespace {

// A part without Z inside a geometry with Z gets one, so that every form can hold the whole.
void SpreadZ(Geometry& geometry) {
  for (Geometry& part : geometry.parts) {
    part.has_z = geometry.has_z;
    SpreadZ(part);
  }
}

}  // namespace

Result<Geometry> ParseHexWkb(std::string_view text) {
  EIDER_ASSIGN_OR_RETURN(Geometry geometry, ReadWkb(FromHex(text)));
  EIDER_RETURN_IF_ERROR(CheckGeometry(geometry));
  return geometry;
}

Result<Geometry> ParseGeometry(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return Error(ErrorCode::kBadInput, "the text is empty");
  text.remove_prefix(first);
  while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos)
    text.remove_suffix(1);
  auto parse = ParseWkt;
  if (text[0] == '{') parse = ParseGeoJson;
  if (text[0] == '0') parse = ParseHexWkb;
  EIDER_ASSIGN_OR_RETURN(Geometry geometry, parse(text));
  SpreadZ(geometry);
  return geometry;
}

}  // namespace eider::geo
