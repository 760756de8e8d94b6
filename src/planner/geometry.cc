#include "planner/geometry.h"

#include <charconv>
#include <cmath>
#include <optional>

#include "planner/dialect.h"

namespace eider::planner {

using catalog::ScalarKind;

namespace {

const GeometryDialect& Of(const Statement& statement) { return statement.dialect().geometry(); }

std::optional<int> IntegerArgument(const BoundField& field, std::string_view name) {
  const BoundValue* value = field.Argument(name);
  if (value == nullptr || value->IsNull()) return std::nullopt;
  int number = 0;
  std::from_chars(value->text.data(), value->text.data() + value->text.size(), number);
  return number;
}

// Reads a number that was written as a GraphQL literal, so it is safe as SQL text.
std::optional<std::string> NumberArgument(const BoundField& field, std::string_view name) {
  const BoundValue* value = field.Argument(name);
  if (value == nullptr || value->IsNull()) return std::nullopt;
  return "CAST(" + value->text + " AS DOUBLE PRECISION)";
}

// The value reprojected by the arguments `from` (else its own SRID) and `to`.
Value Reprojected(Statement& statement, const BoundField& field, Value value) {
  const int from = IntegerArgument(field, "from").value_or(value.srid);
  const std::optional<int> to = IntegerArgument(field, "to");
  if (!to || *to <= 0)
    statement.Fail(field.position, "a transformation needs the argument \"to\", an SRID such as 3857");
  if (from <= 0) {
    statement.Fail(field.position, "a transformation needs the argument \"from\": the field's SRID is not known");
  }
  if (statement.error()) return value;
  if (from != *to) value.sql = Of(statement).Reproject(value.sql, from, *to);
  value.srid = *to;
  return value;
}

// One step of `transforms`.
Value Step(Statement& statement, const BoundField& field, std::string_view word, Value value) {
  if (word == "Transform") return Reprojected(statement, field, std::move(value));
  const bool buffers = word == "Buffer";
  if (!buffers && !word.starts_with("Simplify")) {
    value.sql = Of(statement).Transform(word, value.sql);
    return value;
  }
  const std::string_view argument = buffers ? "buffer" : "simplify_factor";
  const auto number = NumberArgument(field, argument);
  if (!number) {
    statement.Fail(field.position,
                   "the transformation " + std::string(word) + " needs the argument \"" + std::string(argument) + "\"");
    return value;
  }
  std::string_view function = "ST_Buffer";
  if (word == "Simplify") function = "ST_Simplify";
  if (word == "SimplifyTopology") function = "ST_SimplifyPreserveTopology";
  value.sql = std::string(function) + "(" + value.sql + ", " + *number + ")";
  return value;
}

// A bound geometry as an operand beside `peer`.
std::string Operand(Statement& statement, const BoundValue& operand, const Value& peer) {
  const std::string hex = OperandSql(statement, operand, Value{});
  return Of(statement).FromHex(hex, Of(statement).SridOf(peer));
}

// Metres in the units of an SRID.
std::string Distance(const std::string& metres, int srid) {
  const std::string distance = srid == kDegreesSrid ? metres + " / 111111.0" : metres;
  return "CAST(" + distance + " AS DOUBLE PRECISION)";
}

}  // namespace

Value NativeGeometry(const Statement& statement, Value value) {
  if (value.kind != ScalarKind::kGeometry || value.is_list || value.is_native) return value;
  value.sql = Of(statement).Native(value);
  value.is_native = true;
  return value;
}

std::string InDegrees(const Statement& statement, const std::string& geometry, int srid) {
  return srid > 0 && srid != kDegreesSrid ? Of(statement).Reproject(geometry, srid, kDegreesSrid) : geometry;
}

std::string Widened(const std::string& geometry, const std::string& metres, int srid) {
  return "ST_Buffer(" + geometry + ", " + Distance(metres, srid) + ")";
}

std::string AsWkb(const Statement& statement, const std::string& geometry) { return Of(statement).AsWkb(geometry); }

std::string SpatialCondition(const Statement& statement, const catalog::SpatialTie& tie, const Value& near,
                             const Value& far) {
  using catalog::SpatialKind;
  std::string left = NativeGeometry(statement, near).sql;
  std::string right = NativeGeometry(statement, far).sql;
  if (near.srid > 0 && far.srid > 0 && near.srid != far.srid) {
    right = Of(statement).Reproject(right, far.srid, near.srid);
  }
  if (tie.kind == SpatialKind::kDistance) {
    return "ST_DWithin(" + left + ", " + right + ", " + Distance(std::to_string(tie.buffer), near.srid) + ")";
  }
  if (tie.buffer > 0) left = Widened(left, std::to_string(tie.buffer), near.srid);
  std::string_view function = "ST_Intersects";
  if (tie.kind == SpatialKind::kWithin) function = "ST_Within";
  if (tie.kind == SpatialKind::kContains) function = "ST_Contains";
  if (tie.kind == SpatialKind::kDisjoint) function = "ST_Disjoint";
  return std::string(function) + "(" + left + ", " + right + ")";
}

Value ApplyGeometryArguments(Statement& statement, const BoundField& field, const Value& value) {
  const BoundValue* transforms = field.Argument("transforms");
  if (transforms == nullptr || transforms->IsNull() || transforms->items.empty()) return value;
  Value out = NativeGeometry(statement, value);
  for (const BoundValue& word : transforms->items) out = Step(statement, field, word.text, std::move(out));
  return out;
}

Value MeasurementValue(Statement& statement, const BoundField& field, const Value& value) {
  const BoundValue* type = field.Argument("type");
  if (type == nullptr || type->IsNull()) {
    statement.Fail(field.position, "argument \"type\" is required");
    return value;
  }
  Value geometry = NativeGeometry(statement, value);
  const BoundValue* transform = field.Argument("transform");
  if (transform != nullptr && transform->IsTrue()) geometry = Reprojected(statement, field, std::move(geometry));
  const bool spheroid = std::string_view(type->text).ends_with("Spheroid");
  if (spheroid) geometry.sql = InDegrees(statement, geometry.sql, geometry.srid);
  Value out{Of(statement).Measure(type->text, geometry.sql), ScalarKind::kFloat};
  out.sql_type = statement.dialect().TypeOf(out.kind);
  return out;
}

std::string GeometryCondition(Statement& statement, const Value& value, std::string_view op,
                              const BoundValue& operand) {
  std::string_view function;
  if (op == "eq") function = "ST_Equals";
  if (op == "intersects") function = "ST_Intersects";
  if (op == "contains") function = "ST_Contains";
  if (function.empty()) {
    statement.Fail(operand.position, "filter operator \"" + std::string(op) + "\" is not supported on geometries");
    return {};
  }
  const Value native = NativeGeometry(statement, value);
  return std::string(function) + "(" + native.sql + ", " + Operand(statement, operand, native) + ")";
}

std::string GeometryKeyCondition(Statement& statement, const catalog::Column& column, const Value& value,
                                 const BoundValue& operand) {
  return GeometryCondition(statement, value, column.matches_intersecting ? "intersects" : "eq", operand);
}

Value GeometryAggregate(Statement& statement, const BoundField& function, const AggregateTerm& term) {
  AggregateTerm native = term;
  native.value = NativeGeometry(statement, term.value);
  Value out = native.value;
  if (term.function == "union" || term.function == "intersection" || term.function == "extent") {
    out.sql = Of(statement).Shown(Of(statement).Aggregate(native));
    return out;
  }
  if (term.function == "count") {
    out = Value{statement.dialect().Aggregate(native), ScalarKind::kBigInt};
    out.sql_type = "BIGINT";
    return out;
  }
  if (term.function != "list" && term.function != "any" && term.function != "last") {
    statement.Fail(function.position,
                   "aggregate function \"" + std::string(term.function) + "\" is not supported on geometries");
  }
  out.sql = statement.dialect().Aggregate(native);
  out.is_list = term.function == "list";
  return out;
}

}  // namespace eider::planner
