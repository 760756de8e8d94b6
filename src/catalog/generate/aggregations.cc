#include <array>
#include <string>

#include "catalog/generate/geo_members.h"
#include "catalog/generate/members.h"
#include "catalog/scalars.h"

namespace eider::catalog {
namespace {

using graphql::FieldSpec;
using graphql::TypeBuilder;
using graphql::TypeRef;

// Which family of types is being filled: aggregates of rows, of per-parent aggregates, or of aggregates of those.
struct Level {
  TypeRef ScalarTypes::* scalar;
  TypeBuilder* StructTypes::* structure;
  TypeBuilder* ObjectTypes::* object;
  TypeBuilder* ObjectTypes::* deeper;  // The family of `books_aggregation`; null at the deepest.
  TypeRef part;                        // Of `_f_part`.
  TypeRef measurement;                 // Of `_g_measurement` and `_v_distance`.
};

// The aggregation type of a column; a reference without type when it has none.
TypeRef TypeOf(const Generation& generation, const Column& column, const Level& level) {
  if (column.is_list) return {};
  if (column.kind != ScalarKind::kStruct) return generation.system.Of(column.kind).*level.scalar;
  const TypeBuilder* type = generation.structs.at(column.structure).*level.structure;
  return type == nullptr ? TypeRef() : type->ref();
}

void AddColumn(Generation& generation, TypeBuilder* type, const Column& column, const Level& level) {
  const TypeRef ref = TypeOf(generation, column, level);
  if (ref.named() == nullptr) return;
  const bool has_arguments = IsCalendar(column.kind) || column.kind == ScalarKind::kGeometry;
  generation.Add(type, FieldSpec{.name = column.name,
                                 .type = ref,
                                 .arguments = has_arguments ? ColumnArguments(generation, column) : Arguments(),
                                 .annotation = generation.bindings->ForColumn(FieldKind::kAggregateColumn, &column)});
}

void AddPart(Generation& generation, TypeBuilder* type, const Column& column, const Level& level) {
  generation.Add(type, FieldSpec{.name = "_" + column.name + "_part",
                                 .type = level.part,
                                 .arguments = generation.system.part_arguments,
                                 .annotation = generation.bindings->ForColumn(FieldKind::kAggregateTimePart, &column),
                                 .hugr_type = "extra_field"});
}

// `_spot_measurement`, `_v_distance`: a measured value, aggregated as a number.
void AddMeasured(Generation& generation, TypeBuilder* type, const Column& column, std::string_view what,
                 const Arguments& arguments, const Level& level) {
  generation.Add(type,
                 FieldSpec{.name = "_" + column.name + "_" + std::string(what),
                           .type = level.measurement,
                           .arguments = arguments,
                           .annotation = generation.bindings->ForColumn(FieldKind::kAggregateMeasurement, &column),
                           .hugr_type = "extra_field"});
}

void AddColumns(Generation& generation, TypeBuilder* type, const DataObject& object, const Level& level) {
  for (const Column& column : object.columns) {
    if (column.secret != SecretKind::kKey) AddColumn(generation, type, column, level);
  }
  const auto& system = generation.system;
  for (const Column& column : object.columns) {
    if (HasPart(column)) AddPart(generation, type, column, level);
    if (HasMeasurement(column))
      AddMeasured(generation, type, column, "measurement", system.measurement_arguments, level);
    if (HasDistance(column)) AddMeasured(generation, type, column, "distance", system.distance_arguments, level);
  }
}

void AddCall(Generation& generation, TypeBuilder* type, const FunctionCall& call, const Level& level) {
  if (call.function->rows != nullptr) return;
  const TypeRef ref = TypeOf(generation, call.function->result, level);
  if (ref.named() == nullptr) return;
  generation.Add(type, FieldSpec{.name = call.field,
                                 .type = ref,
                                 .arguments = DeclaredArguments(generation, call.declared),
                                 .annotation = generation.bindings->ForCall(FieldKind::kAggregateCall, &call),
                                 .hugr_type = "function_call"});
}

void AddRelation(Generation& generation, TypeBuilder* type, const Relation& relation, const Level& level) {
  const ObjectTypes& target = generation.objects.at(relation.to);
  BindingStore& bindings = *generation.bindings;
  FieldSpec spec{.name = relation.field,
                 .type = (target.*level.object)->ref(),
                 .arguments = RelationArguments(generation, relation),
                 .description = "Aggregates over all related rows.",
                 .annotation = bindings.ForRelation(FieldKind::kAggregateRelation, &relation),
                 .hugr_type = "references"};
  generation.Add(type, spec);
  if (relation.single || level.deeper == nullptr) return;
  const std::string name = relation.field + "_aggregation";
  spec.name = name;
  spec.type = (target.*level.deeper)->ref();
  spec.description = "Aggregates of the aggregates per parent.";
  spec.annotation = bindings.ForRelation(FieldKind::kSubAggregate, &relation);
  generation.Add(type, spec);
}

void FillBucket(Generation& generation, const ObjectTypes& types, const DataObject& object) {
  const SystemTypes& system = generation.system;
  generation.Add(types.bucket, FieldSpec{.name = "key",
                                         .type = types.self->ref(),
                                         .description = "What the rows are grouped by: everything selected here.",
                                         .annotation = generation.bindings->ForObject(FieldKind::kBucketKey, &object)});
  std::vector<graphql::InputValueSpec> specs;
  if (types.filter != nullptr) {
    specs.push_back({"filter", types.filter->ref(), "Takes only the rows of the group that match."});
  }
  specs.push_back({"order_by", system.order_by, "The order in which rows are aggregated."});
  const Arguments arguments = generation.builder.Arguments(specs);
  generation.Add(types.bucket,
                 FieldSpec{.name = "aggregations",
                           .type = types.aggregation->ref(),
                           .arguments = arguments,
                           .annotation = generation.bindings->ForObject(FieldKind::kBucketAggregations, &object)});
}

// The members of one family but _rows_count.
void FillLevel(Generation& generation, const DataObject& object, const Level& level) {
  TypeBuilder* type = generation.objects.at(&object).*level.object;
  AddColumns(generation, type, object, level);
  for (const FunctionCall& call : object.calls) AddCall(generation, type, call, level);
  for (const Relation& relation : object.relations) AddRelation(generation, type, relation, level);
}

void FillObject(Generation& generation, const DataObject& object, const std::array<Level, 3>& levels) {
  const ObjectTypes& types = generation.objects.at(&object);
  const SystemTypes& system = generation.system;
  const FieldBinding* binding = generation.bindings->ForObject(FieldKind::kRowsCount, &object);
  FieldSpec count{
      .name = "_rows_count", .type = system.big_integer, .description = "The number of rows.", .annotation = binding};
  generation.Add(types.aggregation, count);
  count.description = "The number of parent rows.";
  count.type = system.rows_count_aggregation;
  generation.Add(types.sub_aggregation, count);
  count.type = system.rows_count_sub_aggregation;
  generation.Add(types.sub_sub_aggregation, count);
  for (const Level& level : levels) FillLevel(generation, object, level);
  AddJoinField(generation, types.aggregation, object, true);
  AddSpatialField(generation, types.aggregation, object, true);
  FillBucket(generation, types, object);
}

}  // namespace

void FillAggregations(Generation& generation, const CompiledSource& source) {
  const auto& numbers = generation.system.Of(ScalarKind::kFloat);
  const auto& integers = generation.system.Of(ScalarKind::kBigInt);
  const std::array<Level, 3> levels = {
      Level{&ScalarTypes::aggregation, &StructTypes::aggregation, &ObjectTypes::aggregation,
            &ObjectTypes::sub_aggregation, integers.aggregation, numbers.aggregation},
      Level{&ScalarTypes::sub_aggregation, &StructTypes::sub_aggregation, &ObjectTypes::sub_aggregation,
            &ObjectTypes::sub_sub_aggregation, integers.sub_aggregation, numbers.sub_aggregation},
      Level{&ScalarTypes::sub_sub_aggregation, &StructTypes::sub_sub_aggregation, &ObjectTypes::sub_sub_aggregation,
            nullptr, integers.sub_sub_aggregation, numbers.sub_sub_aggregation}};
  for (const StructType& structure : source.structs) {
    for (const Level& level : levels) {
      TypeBuilder* type = generation.structs.at(&structure).*level.structure;
      if (type == nullptr) continue;
      for (const Column& member : structure.members) AddColumn(generation, type, member, level);
    }
  }
  for (const DataObject& object : source.objects) FillObject(generation, object, levels);
  for (const DataObject& object : source.row_objects) FillObject(generation, object, levels);
}

}  // namespace eider::catalog
