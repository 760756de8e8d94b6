#include <string>

#include "catalog/generate/system_types.h"

namespace eider::catalog {
namespace {

constexpr std::string_view kBase = R"(
"A 64-bit integer; written as a number or a string." scalar BigInt
"A date, YYYY-MM-DD." scalar Date
"A time of day without a zone." scalar Time
"A moment; shown in the session's time zone." scalar Timestamp
"A date and a time without a zone." scalar DateTime
"A duration, such as PT2H, 1h30m or 10 days." scalar Interval
"Any JSON value." scalar JSON
"A geometry: GeoJSON, WKT or hex WKB." scalar Geometry
"A range of integers, such as [1,5)." scalar IntRange
"A range of 64-bit integers, such as [1,5)." scalar BigIntRange
"A range of moments." scalar TimestampRange
"A vector of numbers, such as [0.1,0.2]." scalar Vector
"An H3 cell in hex." scalar H3Cell

"The outcome of a mutation."
type OperationResult { success: Boolean affected_rows: BigInt last_id: BigInt message: String }

enum OrderDirection { ASC DESC }
"One key of an order; NULLs are last in both directions."
input OrderByField {
  "An alias or column, or a path such as author.name."
  field: String!
  direction: OrderDirection = ASC
}
enum IntMeasurementAggregation { SUM AVG MIN MAX ANY }
enum BigIntMeasurementAggregation { SUM AVG MIN MAX ANY }
enum FloatMeasurementAggregation { SUM AVG MIN MAX ANY }
enum StringMeasurementAggregation { ANY }
enum BooleanMeasurementAggregation { ANY OR AND }
enum DateMeasurementAggregation { MIN MAX ANY }
enum TimeMeasurementAggregation { MIN MAX ANY }
enum TimestampMeasurementAggregation { MIN MAX ANY }
enum DateTimeMeasurementAggregation { MIN MAX ANY }
enum TimeBucket { minute hour day week month quarter year }
enum TimeExtract { epoch minute hour day doy dow iso_dow week month year iso_year quarter }

"What is done to a geometry before it is shown or aggregated; in the order of the list."
enum GeometryTransform { Transform Centroid Buffer Simplify SimplifyTopology StartPoint EndPoint Reverse
  FlipCoordinates ConvexHull Envelope }
"Planar ones in the units of the SRID, spheroid ones in metres."
enum GeometryMeasurementTypes { Area AreaSpheroid Length LengthSpheroid Perimeter PerimeterSpheroid }
"Euclidean, one minus the cosine of the angle, or the inner product with its sign turned: less is nearer."
enum VectorDistanceType { L2 Cosine Inner }
"Keeps the rows whose vector is nearest to another, nearest first; rows without a distance are left out."
input VectorSearchInput {
  "The vector's field."
  name: String!
  "The other vector, of the same length."
  vector: Vector!
  distance: VectorDistanceType!
  "At most so many rows, before the list's own order and limit; without it all that have a distance."
  limit: Int
}
enum GeometrySpatialQueryType { INTERSECTS WITHIN CONTAINS DISJOIN DWITHIN }

directive @with_deleted on FIELD
directive @unnest on FIELD
directive @no_pushdown on FIELD | QUERY
"Tells under `extensions` how long the field, or every field of the operation, took."
directive @stats on FIELD | QUERY | MUTATION
"Keeps the field's result for `ttl`, under `key` in place of its arguments; `tags` name it for invalidation."
directive @cache(ttl: Interval key: String tags: [String!]) on FIELD
"Neither reads nor keeps a result."
directive @no_cache on FIELD
"Drops the kept result, runs and keeps the new one."
directive @invalidate_cache on FIELD
directive @at(version: BigInt timestamp: Timestamp) on FIELD
)";

constexpr std::string_view kFilters = R"(
input StringFilter { eq: String in: [String!] like: String ilike: String regex: String is_null: Boolean }
input FloatFilter { eq: Float ne: Float gt: Float gte: Float lt: Float lte: Float in: [Float!] is_null: Boolean }
input BooleanFilter { eq: Boolean is_null: Boolean }
input JSONFilter { eq: JSON has: String has_all: [String!] contains: JSON is_null: Boolean }
input VectorFilter { is_null: Boolean }
input GeometryFilter { eq: Geometry intersects: Geometry contains: Geometry is_null: Boolean }
)";

// $T is the scalar.
constexpr std::string_view kOrderedFilter =
    "input $TFilter { eq: $T gt: $T gte: $T lt: $T lte: $T in: [$T!] is_null: Boolean }\n";
constexpr std::string_view kMomentFilter = "input $TFilter { eq: $T gt: $T gte: $T lt: $T lte: $T is_null: Boolean }\n";
constexpr std::string_view kListFilter =
    "input $TListFilter { eq: [$T!] contains: [$T!] intersects: [$T!] is_null: Boolean }\n";

// $E is the type of the bounds.
constexpr std::string_view kRangeFilter = R"(
input $TFilter { eq: $T contains: $E intersects: $T includes: $T$EXCLUDES is_null: Boolean upper: $E lower: $E
  upper_inclusive: Boolean lower_inclusive: Boolean upper_inf: Boolean lower_inf: Boolean }
)";

constexpr std::string_view kNumberAggregation =
    "type $TAggregation { count: BigInt sum: $T avg: Float min: $T max: $T list(distinct: Boolean = false): [$T]"
    " any: $T last: $T }\n"
    "type $TSubAggregation { count: BigIntAggregation sum: $TAggregation avg: $TAggregation min: $TAggregation"
    " max: $TAggregation }\n"
    "type $TSubAggregationSubAggregation { count: BigIntSubAggregation sum: $TSubAggregation avg: $TSubAggregation"
    " min: $TSubAggregation max: $TSubAggregation }\n";
constexpr std::string_view kTimeAggregation =
    "type $TAggregation { count: BigInt min: $T max: $T list(distinct: Boolean = false): [$T] any: $T last: $T }\n"
    "type $TSubAggregation { count: BigIntAggregation min: $TAggregation max: $TAggregation }\n"
    "type $TSubAggregationSubAggregation { count: BigIntSubAggregation min: $TSubAggregation max: $TSubAggregation }\n";

constexpr std::string_view kOtherAggregations = R"(
type StringAggregation { count: BigInt string_agg(sep: String!, distinct: Boolean = false): String
  list(distinct: Boolean = false): [String] any: String last: String }
type StringSubAggregation { count: BigIntAggregation
  string_agg(sep: String!, distinct: Boolean = false): StringAggregation }
type BooleanAggregation { count: BigInt bool_and: Boolean bool_or: Boolean list(distinct: Boolean = false): [Boolean]
  any: Boolean last: Boolean }
type StringSubAggregationSubAggregation { count: BigIntSubAggregation
  string_agg(sep: String!, distinct: Boolean = false): StringSubAggregation }
type BooleanSubAggregation { count: BigIntAggregation bool_and: BooleanAggregation bool_or: BooleanAggregation }
type BooleanSubAggregationSubAggregation { count: BigIntSubAggregation bool_and: BooleanSubAggregation
  bool_or: BooleanSubAggregation }
type JSONAggregation { count(path: String): BigInt list(path: String, distinct: Boolean = false): [JSON]
  any(path: String): JSON last(path: String): JSON
  sum(path: String!): Float avg(path: String!): Float min(path: String!): Float max(path: String!): Float
  string_agg(path: String!, sep: String!, distinct: Boolean = false): String
  bool_and(path: String!): Boolean bool_or(path: String!): Boolean }
type GeometryAggregation { count: BigInt list(distinct: Boolean = false): [Geometry] any: Geometry last: Geometry
  intersection: Geometry union: Geometry extent: Geometry }
type GeometrySubAggregation { count: BigIntAggregation }
type JSONSubAggregation { count(path: String): BigIntAggregation
  sum(path: String!): FloatAggregation avg(path: String!): FloatAggregation min(path: String!): FloatAggregation
  max(path: String!): FloatAggregation
  string_agg(path: String!, sep: String!, distinct: Boolean = false): StringAggregation
  bool_and(path: String!): BooleanAggregation bool_or(path: String!): BooleanAggregation }
type JSONSubAggregationSubAggregation { count(path: String): BigIntSubAggregation
  sum(path: String!): FloatSubAggregation avg(path: String!): FloatSubAggregation
  min(path: String!): FloatSubAggregation max(path: String!): FloatSubAggregation
  string_agg(path: String!, sep: String!, distinct: Boolean = false): StringSubAggregation
  bool_and(path: String!): BooleanSubAggregation bool_or(path: String!): BooleanSubAggregation }
)";

void Replace(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

void AddFor(std::string& sdl, std::string_view pattern, std::string_view scalar) {
  std::string text(pattern);
  Replace(text, "$T", scalar);
  sdl += text;
}

void AddRange(std::string& sdl, std::string_view range, std::string_view bound, bool has_excludes) {
  std::string text(kRangeFilter);
  Replace(text, "$EXCLUDES", has_excludes ? " excludes: $T" : "");
  Replace(text, "$E", bound);
  Replace(text, "$T", range);
  sdl += text;
}

void AddFilters(std::string& sdl) {
  sdl += kFilters;
  for (const std::string_view scalar : {"Int", "BigInt", "Date", "Time", "Interval"})
    AddFor(sdl, kOrderedFilter, scalar);
  for (const std::string_view scalar : {"Timestamp", "DateTime"}) AddFor(sdl, kMomentFilter, scalar);
  for (const std::string_view scalar :
       {"String", "Int", "BigInt", "Float", "Date", "Time", "Timestamp", "DateTime", "Interval"}) {
    AddFor(sdl, kListFilter, scalar);
  }
  AddRange(sdl, "IntRange", "Int", false);
  AddRange(sdl, "BigIntRange", "BigInt", true);
  AddRange(sdl, "TimestampRange", "Timestamp", true);
}

}  // namespace

std::string SystemSdl() {
  std::string sdl(kBase);
  AddFilters(sdl);
  for (const std::string_view scalar : {"Int", "BigInt", "Float"}) AddFor(sdl, kNumberAggregation, scalar);
  for (const std::string_view scalar : {"Date", "Time", "Timestamp", "DateTime"}) AddFor(sdl, kTimeAggregation, scalar);
  sdl += kOtherAggregations;
  return sdl;
}

}  // namespace eider::catalog
