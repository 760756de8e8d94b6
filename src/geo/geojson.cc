#include <rapidjson/document.h>

#include <array>
#include <charconv>
#include <optional>

#include "geo/check_geometry.h"
#include "geo/parse.h"

namespace eider::geo {
namespace {

using Json = rapidjson::Value;

Error Bad(std::string message) { return {ErrorCode::kBadInput, std::move(message)}; }

struct Word {
  std::string_view text;
  Kind kind;
};
constexpr std::array<Word, 7> kWords = {{{"Point", Kind::kPoint},
                                         {"LineString", Kind::kLineString},
                                         {"Polygon", Kind::kPolygon},
                                         {"MultiPoint", Kind::kMultiPoint},
                                         {"MultiLineString", Kind::kMultiLineString},
                                         {"MultiPolygon", Kind::kMultiPolygon},
                                         {"GeometryCollection", Kind::kCollection}}};

std::optional<Kind> KindOf(const Json& object) {
  const auto type = object.FindMember("type");
  if (type == object.MemberEnd() || !type->value.IsString()) return std::nullopt;
  const std::string_view name(type->value.GetString(), type->value.GetStringLength());
  for (const Word& known : kWords) {
    if (known.text == name) return known.kind;
  }
  return std::nullopt;
}

Status ReadPosition(const Json& value, Geometry& geometry, Path& path) {
  if (!value.IsArray() || value.Size() < 2 || value.Size() > 3) {
    return Bad("a GeoJSON position is a list of two or three numbers");
  }
  for (const Json& number : value.GetArray()) {
    if (!number.IsNumber()) return Bad("a GeoJSON coordinate is not a number");
  }
  Position position{value[0].GetDouble(), value[1].GetDouble(), 0};
  if (value.Size() == 3) {
    position.z = value[2].GetDouble();
    geometry.has_z = true;
  }
  path.push_back(position);
  return {};
}

Status ReadPath(const Json& value, Geometry& geometry) {
  if (!value.IsArray()) return Bad("GeoJSON coordinates do not fit the type");
  Path path;
  for (const Json& position : value.GetArray()) EIDER_RETURN_IF_ERROR(ReadPosition(position, geometry, path));
  geometry.paths.push_back(std::move(path));
  return {};
}

Status ReadCoordinates(const Json& value, Geometry& geometry) {
  if (!value.IsArray()) return Bad("GeoJSON \"coordinates\" is not a list");
  if (value.Empty()) return {};
  switch (geometry.kind) {
    case Kind::kPoint: {
      geometry.paths.emplace_back();
      return ReadPosition(value, geometry, geometry.paths[0]);
    }
    case Kind::kLineString: return ReadPath(value, geometry);
    case Kind::kPolygon:
      for (const Json& ring : value.GetArray()) EIDER_RETURN_IF_ERROR(ReadPath(ring, geometry));
      return {};
    default: break;
  }
  for (const Json& item : value.GetArray()) {
    Geometry part;
    part.kind = static_cast<Kind>(static_cast<int>(geometry.kind) - 3);
    EIDER_RETURN_IF_ERROR(ReadCoordinates(item, part));
    geometry.has_z = geometry.has_z || part.has_z;
    geometry.parts.push_back(std::move(part));
  }
  return {};
}

Result<Geometry> ReadObject(const Json& value, int depth) {
  if (!value.IsObject()) return Bad("a GeoJSON geometry is an object");
  if (depth > kMaxNesting) return Bad("GeoJSON nests too deep");
  const auto kind = KindOf(value);
  if (!kind) return Bad("GeoJSON \"type\" is not that of a geometry");
  Geometry geometry;
  geometry.kind = *kind;
  const bool collection = *kind == Kind::kCollection;
  const auto content = value.FindMember(collection ? "geometries" : "coordinates");
  if (content == value.MemberEnd()) {
    return Bad(std::string("GeoJSON has no \"") + (collection ? "geometries\"" : "coordinates\""));
  }
  if (!collection) {
    EIDER_RETURN_IF_ERROR(ReadCoordinates(content->value, geometry));
    return geometry;
  }
  if (!content->value.IsArray()) return Bad("GeoJSON \"geometries\" is not a list");
  for (const Json& item : content->value.GetArray()) {
    EIDER_ASSIGN_OR_RETURN(Geometry part, ReadObject(item, depth + 1));
    geometry.has_z = geometry.has_z || part.has_z;
    geometry.parts.push_back(std::move(part));
  }
  return geometry;
}

// Builds a document whose numbers are read by the standard library: RapidJSON's own reading leaves its tables for
// numbers with very large exponents.
class Builder {
 public:
  explicit Builder(std::string_view text) : text_(text) {}

  bool operator()(rapidjson::Document& document) {
    constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
    Handler handler{{}, document};
    rapidjson::MemoryStream bytes(text_.data(), text_.size());
    rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> stream(bytes);
    return !rapidjson::Reader().Parse<kFlags>(stream, handler).IsError();
  }

 private:
  struct Handler : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Handler> {
    Handler(rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Handler> base, rapidjson::Document& to)
        : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Handler>(base),
          document(to) {}
    bool Null() { return document.Null(); }
    bool Bool(bool value) { return document.Bool(value); }
    bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
      double value = 0;
      const auto [rest, error] = std::from_chars(text, text + length, value);
      return error == std::errc() && rest == text + length && document.Double(value);
    }
    bool String(const char* text, rapidjson::SizeType length, bool) { return document.String(text, length, true); }
    bool StartObject() { return document.StartObject(); }
    bool Key(const char* text, rapidjson::SizeType length, bool) { return document.Key(text, length, true); }
    bool EndObject(rapidjson::SizeType count) { return document.EndObject(count); }
    bool StartArray() { return document.StartArray(); }
    bool EndArray(rapidjson::SizeType count) { return document.EndArray(count); }

    rapidjson::Document& document;
  };

  std::string_view text_;
};

}  // namespace

Result<Geometry> ParseGeoJson(std::string_view text) {
  rapidjson::Document document;
  bool complete = false;
  auto generate = [&](rapidjson::Document& to) { return complete = Builder(text)(to); };
  document.Populate(generate);
  if (!complete) return Bad("the text is no JSON");
  EIDER_ASSIGN_OR_RETURN(Geometry geometry, ReadObject(document, 0));
  EIDER_RETURN_IF_ERROR(CheckGeometry(geometry));
  return geometry;
}

}  // namespace eider::geo
