#include <string>

#include "catalog/generate/geo_members.h"
#include "catalog/generate/members.h"

namespace eider::catalog {
namespace {

using graphql::FieldSpec;
using graphql::TypeBuilder;

void AddColumn(Generation& generation, TypeBuilder* type, const Column& column) {
  FieldSpec spec{.name = column.name,
                 .type = OutputType(generation, column),
                 .arguments = ColumnArguments(generation, column),
                 .description = column.description,
                 .annotation = generation.bindings->ForColumn(FieldKind::kColumn, &column),
                 .mcp_exclude = column.mcp_exclude};
  if (column.deprecation) spec.deprecation = *column.deprecation;
  generation.Add(type, spec);
}

void AddPart(Generation& generation, TypeBuilder* type, const Column& column) {
  generation.Add(type, FieldSpec{.name = "_" + column.name + "_part",
                                 .type = generation.system.big_integer,
                                 .arguments = generation.system.part_arguments,
                                 .description = "An integer part of the time.",
                                 .annotation = generation.bindings->ForColumn(FieldKind::kTimePart, &column),
                                 .hugr_type = "extra_field"});
}

std::string_view HugrTypeOf(const Relation& relation) {
  if (relation.call != nullptr) return "function_call";
  return relation.kind == RelationKind::kJoin ? "join" : "references";
}

void AddMeasurement(Generation& generation, TypeBuilder* type, const Column& column) {
  generation.Add(type, FieldSpec{.name = "_" + column.name + "_measurement",
                                 .type = generation.system.Of(ScalarKind::kFloat).scalar,
                                 .arguments = generation.system.measurement_arguments,
                                 .description = "An area or a length of the geometry.",
                                 .annotation = generation.bindings->ForColumn(FieldKind::kMeasurement, &column),
                                 .hugr_type = "extra_field"});
}

void AddDistance(Generation& generation, TypeBuilder* type, const Column& column) {
  generation.Add(type, FieldSpec{.name = "_" + column.name + "_distance",
                                 .type = generation.system.Of(ScalarKind::kFloat).scalar,
                                 .arguments = generation.system.distance_arguments,
                                 .description = "How far the vector is from another; less is nearer.",
                                 .annotation = generation.bindings->ForColumn(FieldKind::kMeasurement, &column),
                                 .hugr_type = "extra_field"});
}

// A relation to one object, or to a list with its two aggregating twins.
void AddRelation(Generation& generation, TypeBuilder* type, const Relation& relation) {
  const ObjectTypes& target = generation.objects.at(relation.to);
  BindingStore& bindings = *generation.bindings;
  FieldSpec spec{.name = relation.field,
                 .type = relation.single ? target.self->ref() : target.self->ref().List(),
                 .arguments = RelationArguments(generation, relation),
                 .description = relation.description,
                 .annotation = bindings.ForRelation(FieldKind::kRelation, &relation),
                 .hugr_type = HugrTypeOf(relation),
                 .catalog = relation.to->source->name};
  generation.Add(type, spec);
  const bool has_twins = !relation.single && (relation.call == nullptr || relation.call->function->is_table);
  if (!has_twins) return;
  const std::string aggregation = relation.field + "_aggregation";
  spec.name = aggregation;
  spec.type = target.aggregation->ref();
  spec.description = "Aggregates over the related rows.";
  spec.annotation = bindings.ForRelation(FieldKind::kRelationAggregate, &relation);
  spec.hugr_type = "aggregate";
  generation.Add(type, spec);
  const std::string buckets = relation.field + "_bucket_aggregation";
  spec.name = buckets;
  spec.type = target.bucket->ref().List();
  spec.description = "Aggregates over groups of the related rows.";
  spec.annotation = bindings.ForRelation(FieldKind::kRelationBucketAggregate, &relation);
  spec.hugr_type = "bucket_agg";
  generation.Add(type, spec);
}

void AddCall(Generation& generation, TypeBuilder* type, const FunctionCall& call) {
  if (call.function->rows != nullptr) return;  // A relation.
  generation.Add(type, FieldSpec{.name = call.field,
                                 .type = OutputType(generation, call.function->result),
                                 .arguments = DeclaredArguments(generation, call.declared),
                                 .description = call.description,
                                 .annotation = generation.bindings->ForCall(FieldKind::kFunctionCall, &call),
                                 .hugr_type = "function_call",
                                 .catalog = call.function->source->name});
}

void FillObject(Generation& generation, const DataObject& object) {
  TypeBuilder* type = generation.objects.at(&object).self;
  for (const Column& column : object.columns) AddColumn(generation, type, column);
  for (const FunctionCall& call : object.calls) AddCall(generation, type, call);
  for (const Relation& relation : object.relations) AddRelation(generation, type, relation);
  for (const Column& column : object.columns) {
    if (HasPart(column)) AddPart(generation, type, column);
    if (HasMeasurement(column)) AddMeasurement(generation, type, column);
    if (HasDistance(column)) AddDistance(generation, type, column);
  }
  AddJoinField(generation, type, object, false);
  AddSpatialField(generation, type, object, false);
}

}  // namespace

void FillStructs(Generation& generation, const CompiledSource& source) {
  for (const StructType& structure : source.structs) {
    TypeBuilder* type = generation.structs.at(&structure).self;
    for (const Column& member : structure.members) AddColumn(generation, type, member);
  }
}

void FillObjects(Generation& generation, const CompiledSource& source) {
  for (const DataObject& object : source.objects) FillObject(generation, object);
}

}  // namespace eider::catalog
