#include "catalog/generate/geo_members.h"

#include <algorithm>
#include <string>

#include "base/check.h"
#include "catalog/generate/members.h"
#include "graphql/parser.h"

namespace eider::catalog {
namespace {

using graphql::FieldSpec;
using graphql::TypeBuilder;
using graphql::TypeRef;

constexpr std::string_view kTypes = R"(
"A value of one set of objects, distributed over H3 cells by a value of another."
type _distribution_by { value: Float ratio: Float numerator: Float denominator: Float denominator_total: Float }
"The same for one group of each set."
type _distribution_by_bucket { value: Float ratio: Float numerator: Float denominator: Float denominator_total: Float
  numerator_key: String denominator_key: String }
"One H3 cell, and what lies in it."
type _h3_query {
  cell: H3Cell!
  resolution: Int!
  "The outline of the cell."
  geom: Geometry!
  "Distributes a selected value, such as data.districts_aggregation.people.sum, over the cells of its object."
  distribution_by(numerator: String!, denominator: String!): _distribution_by
  "The same per group of two selected bucket aggregations."
  distribution_by_bucket(numerator_key: String!, numerator: String!, denominator_key: String!, denominator: String!):
    [_distribution_by_bucket]
}
)";

bool HasGeometry(const DataObject& object) {
  return std::ranges::any_of(
      object.columns, [](const Column& column) { return column.kind == ScalarKind::kGeometry && !column.is_list; });
}

void DefineSpatial(Generation& generation, std::span<const std::shared_ptr<const CompiledSource>> sources) {
  const TypeRef text = generation.system.string;
  MemberType type;
  type.name = "_spatial";
  type.description = "Rows of any object whose geometry lies to this one's as asked.";
  type.arguments = {{"field", text.NonNull(), "The geometry of the joined object."}};
  type.has_members = HasGeometry;
  generation.spatial = DefineMembers(generation, type, sources);
  type.name = "_spatial_aggregation";
  type.description = "Aggregates over rows of any object whose geometry lies to this one's as asked.";
  type.inside_aggregation = true;
  generation.spatial_aggregation = DefineMembers(generation, type, sources);
  generation.spatial_arguments = generation.builder.Arguments(
      {{"field", text.NonNull(), "The geometry of this object."},
       {"type", generation.builder.Ref("GeometrySpatialQueryType").NonNull(), "How this one lies to the other."},
       {"buffer", generation.system.integer, "Widens this geometry by metres; the distance of DWITHIN."}});
}

void DefineHexagons(Generation& generation, std::span<const std::shared_ptr<const CompiledSource>> sources) {
  auto document = graphql::ParseSdl(std::string(kTypes), "h3.graphql");
  EIDER_CHECK(document.has_value());
  generation.builder.AddSdl(**document);
  generation.builder.Keep(*document);
  MemberType type;
  type.name = "_h3_data_query";
  type.description = "Rows of any object with a geometry, by the H3 cells that it covers.";
  type.arguments = {{"field", generation.system.string.NonNull(), "The geometry."},
                    {"transform_from", generation.system.integer, "Its SRID; without it the field's own."},
                    {"buffer", generation.system.Of(ScalarKind::kFloat).scalar, "Widens the geometry by metres."},
                    {"divide_values", generation.system.boolean, "A row in n cells counts 1/n in each."},
                    {"simplify", generation.system.boolean,
                     "Leaves out positions that matter less than a hundredth of a cell.", "true"}};
  type.has_members = HasGeometry;
  TypeBuilder* members = DefineMembers(generation, type, sources);
  TypeBuilder* cell = generation.builder.Find("_h3_query");
  BindingStore& bindings = *generation.bindings;
  const auto bind = [&](std::string_view field, FieldKind kind) {
    cell->FindField(field)->annotation = bindings.ForObject(kind, nullptr);
  };
  bind("cell", FieldKind::kHexagonCell);
  bind("resolution", FieldKind::kHexagonResolution);
  bind("geom", FieldKind::kHexagonOutline);
  bind("distribution_by", FieldKind::kHexagonDistribution);
  bind("distribution_by_bucket", FieldKind::kHexagonGroupDistribution);
  if (members == nullptr) return;
  generation.Add(cell, FieldSpec{.name = "data",
                                 .type = members->ref(),
                                 .description = "What lies in the cell.",
                                 .annotation = bindings.ForObject(FieldKind::kHexagonData, nullptr)});
}

}  // namespace

void DefineGeoMembers(Generation& generation, std::span<const std::shared_ptr<const CompiledSource>> sources) {
  DefineSpatial(generation, sources);
  DefineHexagons(generation, sources);
}

void AddSpatialField(Generation& generation, TypeBuilder* type, const DataObject& object, bool aggregation) {
  TypeBuilder* members = aggregation ? generation.spatial_aggregation : generation.spatial;
  if (members == nullptr || object.is_m2m || object.structure != nullptr || !HasGeometry(object)) return;
  generation.Add(type, FieldSpec{.name = "_spatial",
                                 .type = members->ref(),
                                 .arguments = generation.spatial_arguments,
                                 .description = "Joins any object by place.",
                                 .annotation = generation.bindings->ForObject(FieldKind::kDynamicSpatial, &object),
                                 .hugr_type = "join"});
}

void AddHexagons(Generation& generation, ModuleTree& modules) {
  const TypeRef resolution = generation.system.integer.NonNull();
  modules.AddField(Scope::kQuery, "",
                   FieldSpec{.name = "h3",
                             .type = generation.builder.Ref("_h3_query").List(),
                             .arguments = generation.builder.Arguments({{"resolution", resolution, "From 1 to 15."}}),
                             .description = "The H3 cells in which something lies.",
                             .annotation = generation.bindings->ForObject(FieldKind::kHexagons, nullptr),
                             .hugr_type = "h3_aggregate"});
}

}  // namespace eider::catalog
