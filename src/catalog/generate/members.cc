#include "catalog/generate/members.h"

namespace eider::catalog {
namespace {

using graphql::FieldSpec;
using graphql::InputValueSpec;
using graphql::TypeBuilder;
using graphql::TypeKind;
using graphql::TypeRef;

// Adds the members of one object.
class MemberAdder {
 public:
  MemberAdder(Generation& generation, TypeBuilder* type, const DataObject& object, Arguments arguments)
      : generation_(generation),
        type_(type),
        object_(object),
        arguments_(arguments) {}

  void Add(std::string_view suffix, TypeRef result, FieldKind kind, std::string_view hugr_type) {
    const std::string name = object_.name + std::string(suffix);
    generation_.Add(type_, FieldSpec{.name = name,
                                     .type = result,
                                     .arguments = arguments_,
                                     .description = object_.description,
                                     .annotation = generation_.bindings->ForObject(kind, &object_),
                                     .hugr_type = hugr_type,
                                     .catalog = object_.source->name});
  }

 private:
  Generation& generation_;
  TypeBuilder* type_;
  const DataObject& object_;
  Arguments arguments_;
};

void AddMembers(Generation& generation, TypeBuilder* type, const MemberType& members, const DataObject& object) {
  const ObjectTypes& types = generation.objects.at(&object);
  std::vector<InputValueSpec> specs = members.arguments;
  const auto list =
      ListArguments(generation, object, members.inside_aggregation ? ListPlace::kAggregation : ListPlace::kRelation);
  specs.insert(specs.end(), list.begin(), list.end());
  MemberAdder adder(generation, type, object, generation.builder.Arguments(specs));
  if (members.inside_aggregation) {
    adder.Add("", types.aggregation->ref(), FieldKind::kAggregateRelation, "join");
    return;
  }
  adder.Add("", types.self->ref().List(), FieldKind::kRelation, "join");
  adder.Add("_aggregation", types.aggregation->ref(), FieldKind::kRelationAggregate, "aggregate");
  adder.Add("_bucket_aggregation", types.bucket->ref().List(), FieldKind::kRelationBucketAggregate, "bucket_agg");
}

}  // namespace

TypeBuilder* DefineMembers(Generation& generation, const MemberType& type,
                           std::span<const std::shared_ptr<const CompiledSource>> sources) {
  TypeBuilder* builder = nullptr;
  for (const auto& source : sources) {
    for (const DataObject& object : source->objects) {
      if (object.is_m2m || (type.has_members && !type.has_members(object))) continue;
      if (builder == nullptr) {
        builder = generation.Define(TypeKind::kObject, type.name);
        builder->Description(type.description).HugrType("join");
      }
      AddMembers(generation, builder, type, object);
    }
  }
  return builder;
}

void DefineJoins(Generation& generation, std::span<const std::shared_ptr<const CompiledSource>> sources) {
  const TypeRef fields = generation.system.string.NonNull().List().NonNull();
  MemberType type;
  type.name = "_join";
  type.description = "Rows of any object whose fields equal those of this one.";
  type.arguments = {{"fields", fields, "Fields of the joined object, by position."}};
  generation.join = DefineMembers(generation, type, sources);
  type.name = "_join_aggregation";
  type.description = "Aggregates over rows of any object whose fields equal those of this one.";
  type.inside_aggregation = true;
  generation.join_aggregation = DefineMembers(generation, type, sources);
  generation.join_arguments = generation.builder.Arguments({{"fields", fields, "Fields of this object, by position."}});
}

void AddJoinField(Generation& generation, TypeBuilder* type, const DataObject& object, bool aggregation) {
  TypeBuilder* members = aggregation ? generation.join_aggregation : generation.join;
  if (members == nullptr || object.is_m2m || object.structure != nullptr) return;
  generation.Add(type, FieldSpec{.name = "_join",
                                 .type = members->ref(),
                                 .arguments = generation.join_arguments,
                                 .description = "Joins any object by equal fields.",
                                 .annotation = generation.bindings->ForObject(FieldKind::kDynamicJoin, &object),
                                 .hugr_type = "join"});
}

}  // namespace eider::catalog
