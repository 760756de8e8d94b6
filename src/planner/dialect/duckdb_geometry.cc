#include "base/text.h"
#include "planner/dialect.h"
#include "planner/geometry.h"

namespace eider::planner {

namespace {

class DuckDbGeometryDialect final : public GeometryDialect {
 public:
  std::string Native(const Value& value) const override {
    const std::string& sql = value.sql;
    std::string_view type = value.sql_type;
    if (value.of_postgres) type = EngineType(value.sql_type);
    if (type.empty() || type == "GEOMETRY") {
      return value.storage == catalog::StructStorage::kJson ? "ST_GeomFromGeoJSON(" + sql + ")" : sql;
    }
    if (type == "BLOB" || type == "WKB_BLOB") return "ST_GeomFromWKB(CAST(" + sql + " AS BLOB))";
    if (type == "JSON") return "ST_GeomFromGeoJSON(" + sql + ")";
    if (type == "VARCHAR") return FromText(sql);
    // A geometry whose type names a coordinate system, which would have to be that of every operand; POINT_2D and
    // others.
    return "CAST(" + sql + " AS GEOMETRY)";
  }

  std::string Stored(const catalog::Column& column, const std::string& geometry) const override {
    const std::string_view type = column.sql_type;
    if (type == "BLOB" || type == "WKB_BLOB") return "CAST(ST_AsWKB(" + geometry + ") AS BLOB)";
    if (type == "JSON") return "ST_AsGeoJSON(" + geometry + ")";
    if (type == "VARCHAR") return "ST_AsText(" + geometry + ")";
    if (type.ends_with("_2D")) return "CAST(" + geometry + " AS " + column.sql_type + ")";
    return geometry;
  }

  std::string FromHex(const std::string& hex, const std::string& /*srid*/) const override {
    return "ST_GeomFromHEXWKB(" + hex + ")";
  }

  std::string AsWkb(const std::string& geometry) const override { return "CAST(ST_AsWKB(" + geometry + ") AS BLOB)"; }

  // The engine hands geometries out as WKB.
  std::string Shown(const std::string& geometry) const override { return geometry; }

  std::string Reproject(const std::string& geometry, int from, int to) const override {
    return "ST_Transform(" + geometry + ", 'EPSG:" + std::to_string(from) + "', 'EPSG:" + std::to_string(to) +
           "', true)";
  }

  std::string Transform(std::string_view word, const std::string& geometry) const override {
    std::string sql = "ST_" + std::string(word) + "(" + geometry + ")";
    // The corners in PostGIS's order.
    return word == "Envelope" ? "ST_Reverse(" + sql + ")" : sql;
  }

  std::string Measure(std::string_view type, const std::string& geometry) const override {
    const std::size_t spheroid = type.find("Spheroid");
    if (spheroid == std::string_view::npos) return "ST_" + std::string(type) + "(" + geometry + ")";
    // The engine's spheroid functions read latitude first.
    return "ST_" + std::string(type.substr(0, spheroid)) + "_Spheroid(ST_FlipCoordinates(" + geometry + "))";
  }

  std::string Aggregate(const AggregateTerm& term) const override {
    const std::string suffix = term.condition.empty() ? "" : " FILTER (WHERE " + term.condition + ")";
    const std::string& sql = term.value.sql;
    if (term.function == "extent") return "ST_Extent_Agg(" + sql + ")" + suffix;
    if (term.function == "intersection") return "ST_Intersection_Agg(" + sql + ")" + suffix;
    // The union of nothing would be an empty collection.
    return "CASE WHEN count(" + sql + ")" + suffix + " > 0 THEN ST_Union_Agg(" + sql + ")" + suffix + " END";
  }

 private:
  // The type in which a column of PostgreSQL is read here.
  static std::string_view EngineType(const std::string& postgres) {
    const std::string type = LowerAscii(postgres);
    if (type.empty() || type.starts_with("geometry")) return "GEOMETRY";
    if (type == "bytea") return "BLOB";
    return type.starts_with("json") ? "JSON" : "VARCHAR";
  }

  // GeoJSON, WKB in hex or WKT.
  static std::string FromText(const std::string& text) {
    return "CASE WHEN starts_with(ltrim(" + text + "), '{') THEN ST_GeomFromGeoJSON(" + text + ") WHEN starts_with(" +
           text + ", '0') THEN ST_GeomFromHEXWKB(" + text + ") ELSE ST_GeomFromText(" + text + ") END";
  }
};

}  // namespace

const GeometryDialect& DuckDbGeometry() {
  static const DuckDbGeometryDialect kDialect;
  return kDialect;
}

}  // namespace eider::planner
