#pragma once

#include <string>
#include <string_view>

#include "planner/expression.h"

// Geometries in SQL. Between clients and engines they travel as WKB; in expressions they are the engine's own type.
namespace eider::planner {

struct AggregateTerm;

// The SQL for geometries in which one engine differs from another. Functions of the same name and sense (ST_Centroid,
// ST_Intersects …) are common text. Coordinates are always longitude first, spheroid measures in metres.
class GeometryDialect {
 public:
  virtual ~GeometryDialect() = default;

  // A column's value, however it is stored, as the engine's geometry. The other way round, for writes.
  virtual std::string Native(const Value& value) const = 0;
  virtual std::string Stored(const catalog::Column& column, const std::string& geometry) const = 0;
  // WKB in hex (an expression) as a geometry with an SRID.
  virtual std::string FromHex(const std::string& hex, const std::string& srid) const = 0;
  // The SRID to give an operand of `value`.
  virtual std::string SridOf(const Value& value) const { return std::to_string(value.srid); }
  virtual std::string AsWkb(const std::string& geometry) const = 0;
  // A geometry as it is selected for output.
  virtual std::string Shown(const std::string& geometry) const = 0;
  virtual std::string Reproject(const std::string& geometry, int from, int to) const = 0;
  // One word of GeometryTransform without arguments.
  virtual std::string Transform(std::string_view word, const std::string& geometry) const = 0;
  // A word of GeometryMeasurementTypes; spheroid ones take degrees.
  virtual std::string Measure(std::string_view type, const std::string& geometry) const = 0;
  // union, intersection or extent of native geometries.
  virtual std::string Aggregate(const AggregateTerm& term) const = 0;
};

const GeometryDialect& DuckDbGeometry();
const GeometryDialect& PostgresGeometry();

// `value` as the engine's geometry; any other value as it is.
Value NativeGeometry(const Statement& statement, Value value);

inline constexpr int kDegreesSrid = 4326;

// A native geometry reprojected to degrees; one of an unknown SRID (0) is in degrees.
std::string InDegrees(const Statement& statement, const std::string& geometry, int srid);

// A native geometry widened by metres; degrees are taken as 111,111 of them.
std::string Widened(const std::string& geometry, const std::string& metres, int srid);

// A native geometry as WKB in the engine's type for bytes.
std::string AsWkb(const Statement& statement, const std::string& geometry);

// The condition that ties the near end's geometry to the far end's (10.7). The far one is reprojected to the near one's
// SRID where both are known.
std::string SpatialCondition(const Statement& statement, const catalog::SpatialTie& tie, const Value& near,
                             const Value& far);

// Applies `transforms` with its arguments `from`, `to`, `buffer` and `simplify_factor`, in the order of the list.
Value ApplyGeometryArguments(Statement& statement, const BoundField& field, const Value& value);

// The value of `_g_measurement(type, transform, from, to)`.
Value MeasurementValue(Statement& statement, const BoundField& field, const Value& value);

// A condition of a geometry filter (eq, intersects, contains).
std::string GeometryCondition(Statement& statement, const Value& value, std::string_view op, const BoundValue& operand);

// The condition of a look-up by a geometry key.
std::string GeometryKeyCondition(Statement& statement, const catalog::Column& column, const Value& value,
                                 const BoundValue& operand);

// The function of a geometry column's aggregate as it is shown.
Value GeometryAggregate(Statement& statement, const BoundField& function, const AggregateTerm& term);

}  // namespace eider::planner
