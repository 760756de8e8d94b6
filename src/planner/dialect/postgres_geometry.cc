#include "base/text.h"
#include "planner/dialect.h"
#include "planner/geometry.h"

namespace eider::planner {

namespace {

// PostGIS. Geometries know their SRID here, and two of one operation must have the same.
class PostgresGeometryDialect final : public GeometryDialect {
 public:
  std::string Native(const Value& value) const override {
    const std::string type = LowerAscii(value.sql_type);
    const std::string& sql = value.sql;
    std::string geometry;
    if (type == "bytea") geometry = "ST_GeomFromWKB(" + sql + ")";
    if (type == "json" || type == "jsonb") geometry = "ST_GeomFromGeoJSON(CAST(" + sql + " AS text))";
    if (type == "text" || type.starts_with("character")) geometry = "CAST(" + sql + " AS geometry)";
    if (value.storage == catalog::StructStorage::kJson) geometry = "ST_GeomFromGeoJSON(" + sql + ")";
    if (!geometry.empty()) return "ST_SetSRID(" + geometry + ", " + std::to_string(value.srid) + ")";
    return type.starts_with("geography") ? "CAST(" + sql + " AS geometry)" : sql;
  }

  std::string Stored(const catalog::Column& column, const std::string& geometry) const override {
    const std::string type = LowerAscii(column.sql_type);
    if (type == "bytea") return "ST_AsBinary(" + geometry + ")";
    if (type == "json" || type == "jsonb") return "CAST(ST_AsGeoJSON(" + geometry + ", 15, 0) AS " + type + ")";
    if (type == "text" || type.starts_with("character")) return "ST_AsText(" + geometry + ", 17)";
    return type.starts_with("geography") ? "CAST(" + geometry + " AS geography)" : geometry;
  }

  std::string FromHex(const std::string& hex, const std::string& srid) const override {
    return "ST_SetSRID(ST_GeomFromWKB(decode(" + hex + ", 'hex')), " + (srid.empty() ? "0" : srid) + ")";
  }

  std::string SridOf(const Value& value) const override {
    const std::string type = LowerAscii(value.sql_type);
    const bool is_typed = type.find(',') != std::string::npos || !type.starts_with("geometry");
    // A column of any geometries tells only row by row what its operands must have.
    return is_typed && !type.empty() ? std::to_string(value.srid) : "ST_SRID(" + value.sql + ")";
  }

  std::string AsWkb(const std::string& geometry) const override { return "ST_AsBinary(" + geometry + ")"; }

  // Text, which also survives inside arrays and documents.
  std::string Shown(const std::string& geometry) const override {
    return "encode(ST_AsBinary(" + geometry + "), 'hex')";
  }

  std::string Reproject(const std::string& geometry, int from, int to) const override {
    return "ST_Transform(ST_SetSRID(" + geometry + ", " + std::to_string(from) + "), " + std::to_string(to) + ")";
  }

  std::string Transform(std::string_view word, const std::string& geometry) const override {
    std::string sql = "ST_" + std::string(word) + "(" + geometry + ")";
    if (!word.ends_with("Point")) return sql;
    // Only lines have ends.
    return "CASE WHEN ST_GeometryType(" + geometry + ") = 'ST_LineString' THEN " + sql + " END";
  }

  std::string Measure(std::string_view type, const std::string& geometry) const override {
    const std::size_t spheroid = type.find("Spheroid");
    if (spheroid == std::string_view::npos) return "ST_" + std::string(type) + "(" + geometry + ")";
    return "ST_" + std::string(type.substr(0, spheroid)) + "(CAST(ST_SetSRID(" + geometry + ", 4326) AS geography))";
  }

  std::string Aggregate(const AggregateTerm& term) const override {
    const std::string suffix = term.condition.empty() ? "" : " FILTER (WHERE " + term.condition + ")";
    const std::string& sql = term.value.sql;
    if (term.function == "union") return "ST_Union(" + sql + ")" + suffix;
    if (term.function == "intersection") return Intersection(term);
    // A polygon also when the box is a point or a line.
    const std::string box = "ST_Extent(" + sql + ")" + suffix;
    return "ST_MakeEnvelope(ST_XMin(" + box + "), ST_YMin(" + box + "), ST_XMax(" + box + "), ST_YMax(" + box + "))";
  }

 private:
  // There is no such aggregate: the geometries are gathered and intersected one after the other.
  static std::string Intersection(const AggregateTerm& term) {
    const std::string condition = term.condition.empty() ? "" : " AND " + term.condition;
    const std::string all =
        "(array_agg(" + term.value.sql + ") FILTER (WHERE " + term.value.sql + " IS NOT NULL" + condition + "))";
    return "(SELECT w.g FROM (WITH RECURSIVE w AS (SELECT 1 AS i, " + all +
           "[1] AS g UNION ALL SELECT w.i + 1, ST_Intersection(w.g, " + all +
           "[w.i + 1]) FROM w WHERE w.i < array_length(" + all + ", 1)) SELECT * FROM w) w ORDER BY w.i DESC LIMIT 1)";
  }
};

}  // namespace

const GeometryDialect& PostgresGeometry() {
  static const PostgresGeometryDialect kDialect;
  return kDialect;
}

}  // namespace eider::planner
