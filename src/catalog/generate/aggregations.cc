#include <string>

#include "catalog/generate/generation.h"
#include "catalog/scalars.h"

namespace eider::catalog {
namespace {

using graphql::FieldSpec;
using graphql::TypeBuilder;
using graphql::TypeRef;

// Which of the two families of types is being filled: aggregates of rows, or aggregates of per-parent aggregates.
struct Level {
  TypeRef ScalarTypes::* scalar;
  TypeBuilder* StructTypes::* structure;
  TypeRef part;  // Of `_f_part`.
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
  const bool has_bucket = IsCalendar(column.kind);
  generation.Add(type, FieldSpec{.name = column.name,
                                 .type = ref,
                                 .arguments = has_bucket ? ColumnArguments(generation, column) : Arguments(),
                                 .annotation = generation.bindings->ForColumn(FieldKind::kAggregateColumn, &column)});
}

void AddPart(Generation& generation, TypeBuilder* type, const Column& column, const Level& level) {
  generation.Add(type, FieldSpec{.name = "_" + column.name + "_part",
                                 .type = level.part,
                                 .arguments = generation.system.part_arguments,
                                 .annotation = generation.bindings->ForColumn(FieldKind::kAggregateTimePart, &column),
                                 .hugr_type = "extra_field"});
}

void AddColumns(Generation& generation, TypeBuilder* type, const DataObject& object, const Level& level) {
  for (const Column& column : object.columns) AddColumn(generation, type, column, level);
  for (const Column& column : object.columns) {
    if (HasPart(column)) AddPart(generation, type, column, level);
  }
}

void AddRelation(Generation& generation, TypeBuilder* type, const Relation& relation) {
  const ObjectTypes& target = generation.objects.at(relation.to);
  BindingStore& bindings = *generation.bindings;
  FieldSpec spec{.name = relation.field,
                 .type = target.aggregation->ref(),
                 .arguments = relation.single ? target.single_arguments : target.relation_arguments,
                 .description = "Aggregates over all related rows.",
                 .annotation = bindings.ForRelation(FieldKind::kAggregateRelation, &relation),
                 .hugr_type = "references"};
  generation.Add(type, spec);
  if (relation.single) return;
  const std::string name = relation.field + "_aggregation";
  spec.name = name;
  spec.type = target.sub_aggregation->ref();
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
  const Arguments arguments =
      generation.builder.Arguments({{"filter", types.filter->ref(), "Takes only the rows of the group that match."},
                                    {"order_by", system.order_by, "The order in which rows are aggregated."}});
  generation.Add(types.bucket,
                 FieldSpec{.name = "aggregations",
                           .type = types.aggregation->ref(),
                           .arguments = arguments,
                           .annotation = generation.bindings->ForObject(FieldKind::kBucketAggregations, &object)});
}

void FillObject(Generation& generation, const DataObject& object, const Level& rows, const Level& aggregates) {
  const ObjectTypes& types = generation.objects.at(&object);
  const FieldBinding* count = generation.bindings->ForObject(FieldKind::kRowsCount, &object);
  generation.Add(types.aggregation, FieldSpec{.name = "_rows_count",
                                              .type = generation.system.big_integer,
                                              .description = "The number of rows.",
                                              .annotation = count});
  AddColumns(generation, types.aggregation, object, rows);
  for (const Relation& relation : object.relations) AddRelation(generation, types.aggregation, relation);
  generation.Add(types.sub_aggregation, FieldSpec{.name = "_rows_count",
                                                  .type = generation.system.rows_count_aggregation,
                                                  .description = "The number of parent rows.",
                                                  .annotation = count});
  AddColumns(generation, types.sub_aggregation, object, aggregates);
  FillBucket(generation, types, object);
}

}  // namespace

void FillAggregations(Generation& generation, const CompiledSource& source) {
  const auto& integers = generation.system.Of(ScalarKind::kBigInt);
  const Level rows{&ScalarTypes::aggregation, &StructTypes::aggregation, integers.aggregation};
  const Level aggregates{&ScalarTypes::sub_aggregation, &StructTypes::sub_aggregation, integers.sub_aggregation};
  for (const StructType& structure : source.structs) {
    const StructTypes& types = generation.structs.at(&structure);
    if (types.aggregation == nullptr) continue;
    for (const Column& member : structure.members) {
      AddColumn(generation, types.aggregation, member, rows);
      AddColumn(generation, types.sub_aggregation, member, aggregates);
    }
  }
  for (const DataObject& object : source.objects) FillObject(generation, object, rows, aggregates);
}

}  // namespace eider::catalog
