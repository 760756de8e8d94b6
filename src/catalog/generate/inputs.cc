#include "catalog/generate/generation.h"

namespace eider::catalog {
namespace {

using graphql::InputValueSpec;
using graphql::TypeBuilder;
using graphql::TypeRef;

void AddMember(Generation& generation, TypeBuilder* type, std::string_view name, TypeRef ref) {
  generation.Add(type, InputValueSpec{.name = name, .type = ref});
}

void AddQuantifiers(Generation& generation, TypeBuilder* list_filter, TypeRef filter) {
  generation.Add(list_filter, InputValueSpec{"any_of", filter, "At least one matches."});
  generation.Add(list_filter, InputValueSpec{"all_of", filter, "There is one and all match."});
  generation.Add(list_filter, InputValueSpec{"none_of", filter, "None matches."});
}

void AddColumnFilter(Generation& generation, TypeBuilder* filter, const Column& column, const DataObject* object) {
  const TypeRef type = FilterType(generation, column, object);
  if (type.named() == nullptr) return;
  AddMember(generation, filter, column.name, column.filter_required ? type.NonNull() : type);
}

void FillStructFilter(Generation& generation, const StructType& structure) {
  const StructTypes& types = generation.structs.at(&structure);
  if (types.filter == nullptr) return;
  for (const Column& member : structure.members) {
    if (member.kind == ScalarKind::kStruct || member.is_list) continue;
    AddColumnFilter(generation, types.filter, member, nullptr);
  }
  AddQuantifiers(generation, types.list_filter, types.filter->ref());
}

void FillObjectFilter(Generation& generation, const DataObject& object) {
  const ObjectTypes& types = generation.objects.at(&object);
  for (const Column& column : object.columns) AddColumnFilter(generation, types.filter, column, &object);
  for (const Relation& relation : object.relations) {
    if (!relation.in_filters) continue;
    const ObjectTypes& target = generation.objects.at(relation.to);
    const TypeBuilder* member = relation.single ? target.filter : target.list_filter;
    generation.Add(types.filter, InputValueSpec{.name = relation.field, .type = TypeRef(member->ref())});
  }
  const TypeRef self = types.filter->ref();
  generation.Add(types.filter, InputValueSpec{"_and", self.List(), "All of these hold."});
  generation.Add(types.filter, InputValueSpec{"_or", self.List(), "At least one of these holds."});
  generation.Add(types.filter, InputValueSpec{"_not", self, "This does not hold."});
  AddQuantifiers(generation, types.list_filter, self);
}

void FillStructInputs(Generation& generation, const StructType& structure) {
  const StructTypes& types = generation.structs.at(&structure);
  for (const Column& member : structure.members) {
    AddMember(generation, types.insert, member.name, MutationType(generation, member, &StructTypes::insert));
    AddMember(generation, types.update, member.name, MutationType(generation, member, &StructTypes::update));
  }
}

// Whether rows of the relation's far end may be inserted together with the object.
bool Insertable(const Generation& generation, const Relation& relation) {
  return relation.kind != RelationKind::kJoin && relation.extension == nullptr &&
         relation.from->source == relation.to->source && generation.objects.at(relation.to).insert != nullptr;
}

void FillObjectInputs(Generation& generation, const DataObject& object) {
  const ObjectTypes& types = generation.objects.at(&object);
  if (types.insert == nullptr) return;
  for (const Column& column : object.columns) {
    if (!column.sql.empty() || column.is_generated) continue;
    AddMember(generation, types.insert, column.name, MutationType(generation, column, &StructTypes::insert));
    AddMember(generation, types.update, column.name, MutationType(generation, column, &StructTypes::update));
  }
  for (const Relation& relation : object.relations) {
    if (!Insertable(generation, relation)) continue;
    const TypeRef target = generation.objects.at(relation.to).insert->ref();
    AddMember(generation, types.insert, relation.field, relation.single ? target : target.List());
  }
}

}  // namespace

void FillFilters(Generation& generation, const CompiledSource& source) {
  for (const StructType& structure : source.structs) FillStructFilter(generation, structure);
  for (const DataObject& object : source.objects) FillObjectFilter(generation, object);
}

void FillMutationInputs(Generation& generation, const CompiledSource& source) {
  for (const StructType& structure : source.structs) FillStructInputs(generation, structure);
  for (const DataObject& object : source.objects) FillObjectInputs(generation, object);
}

}  // namespace eider::catalog
