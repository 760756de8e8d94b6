#include <fmt/format.h>

#include <algorithm>

#include "catalog/generate/generation.h"
#include "catalog/scalars.h"

namespace eider::catalog {
namespace {

using graphql::TypeBuilder;
using graphql::TypeKind;
using graphql::TypeRef;

// Defines types around one name, all with the same annotation, module and catalog.
class Family {
 public:
  Family(Generation& generation, std::string_view name, std::string_view module, std::string_view catalog,
         const TypeBinding* binding)
      : generation_(generation),
        name_(name),
        module_(module),
        catalog_(catalog),
        binding_(binding) {}

  TypeBuilder* Define(TypeKind kind, std::string_view before, std::string_view after, std::string_view hugr_type,
                      std::string_view description) {
    text_.assign(before).append(name_).append(after);
    TypeBuilder* type = generation_.Define(kind, text_);
    type->Annotate(binding_).Module(module_).Catalog(catalog_).HugrType(hugr_type).Description(description);
    return type;
  }

 private:
  Generation& generation_;
  std::string_view name_, module_, catalog_;
  const TypeBinding* binding_;
  std::string text_;
};

bool Filterable(const Column& column) {
  return !column.is_list && column.kind != ScalarKind::kStruct && column.kind != ScalarKind::kH3Cell;
}

bool Aggregatable(const Column& member) {
  if (member.is_list || member.kind == ScalarKind::kStruct) return false;
  switch (member.kind) {
    case ScalarKind::kInterval:
    case ScalarKind::kVector:
    case ScalarKind::kH3Cell:
    case ScalarKind::kIntRange:
    case ScalarKind::kBigIntRange:
    case ScalarKind::kTimestampRange: return false;
    default: return true;
  }
}

// Whether some member, also of a nested structure, has an aggregation type.
bool HasAggregation(const StructType& structure, int depth) {
  if (depth > 16) return false;
  return std::ranges::any_of(structure.members, [&](const Column& member) {
    if (member.kind == ScalarKind::kStruct && !member.is_list) return HasAggregation(*member.structure, depth + 1);
    return Aggregatable(member);
  });
}

void DefineStruct(Generation& generation, const CompiledSource& source, const StructType& structure) {
  StructTypes& types = generation.structs[&structure];
  Family family(generation, structure.name, {}, source.source.name, generation.bindings->ForType(nullptr, &structure));
  types.self = family.Define(TypeKind::kObject, "", "", "struct", structure.description);
  types.insert = family.Define(TypeKind::kInputObject, "", "_mut_input_data", "insert", "A value to insert.");
  types.update = family.Define(TypeKind::kInputObject, "", "_mut_data", "update", "A value to set.");
  if (std::ranges::any_of(structure.members, Filterable)) {
    types.filter = family.Define(TypeKind::kInputObject, "", "_filter", "filter", "Conditions on the members.");
    types.list_filter =
        family.Define(TypeKind::kInputObject, "", "_list_filter", "filter", "Conditions on a list of structures.");
  }
  if (HasAggregation(structure, 0)) {
    types.aggregation = family.Define(TypeKind::kObject, "_", "_aggregation", "aggregation", "Member-wise aggregates.");
    types.sub_aggregation = family.Define(TypeKind::kObject, "_", "_aggregation_sub_aggregation", "sub_aggregation",
                                          "Aggregates of member-wise aggregates.");
    types.sub_sub_aggregation = family.Define(TypeKind::kObject, "_", "_aggregation_sub_aggregation_sub_aggregation",
                                              "sub_aggregation", "Aggregates of aggregates of member-wise aggregates.");
  }
}

void AddViewArgs(Generation& generation, const DataObject& object, std::vector<graphql::InputValueSpec>& specs) {
  if (object.args == nullptr || !object.args->IsVisible()) return;
  const TypeRef args = generation.builder.Ref(object.args_type);
  specs.push_back({"args", object.args_required ? args.NonNull() : args, "The parameters of the view."});
}

Arguments SingleArguments(Generation& generation, const DataObject& object) {
  std::vector<graphql::InputValueSpec> specs = {{"inner", generation.system.boolean, "Drops parents without a match."}};
  AddViewArgs(generation, object, specs);
  return generation.builder.Arguments(specs);
}

void DefineAggregations(Family& family, ObjectTypes& types) {
  types.aggregation = family.Define(TypeKind::kObject, "_", "_aggregation", "aggregation", "Aggregates over rows.");
  types.bucket = family.Define(TypeKind::kObject, "_", "_aggregation_bucket", "bucket_aggregation",
                               "One group of rows with its aggregates.");
  types.sub_aggregation = family.Define(TypeKind::kObject, "_", "_aggregation_sub_aggregation", "sub_aggregation",
                                        "Aggregates of per-parent aggregates.");
  types.sub_sub_aggregation = family.Define(TypeKind::kObject, "_", "_aggregation_sub_aggregation_sub_aggregation",
                                            "sub_aggregation", "Aggregates of aggregates of per-parent aggregates.");
}

void SetArguments(Generation& generation, const DataObject& object, ObjectTypes& types) {
  types.root_arguments = generation.builder.Arguments(ListArguments(generation, object, ListPlace::kRoot));
  types.relation_arguments = generation.builder.Arguments(ListArguments(generation, object, ListPlace::kRelation));
  types.single_arguments = SingleArguments(generation, object);
}

void DefineObject(Generation& generation, const DataObject& object) {
  ObjectTypes& types = generation.objects[&object];
  Family family(generation, object.name, object.module, object.source->name,
                generation.bindings->ForType(&object, nullptr));
  types.self = family.Define(TypeKind::kObject, "", "", object.kind == ObjectKind::kTable ? "table" : "view",
                             object.description);
  types.filter = family.Define(TypeKind::kInputObject, "", "_filter", "filter", "Conditions on a row; all must hold.");
  types.list_filter =
      family.Define(TypeKind::kInputObject, "", "_list_filter", "filter", "Conditions on the related rows.");
  if ((object.kind == ObjectKind::kTable && !object.read_only) || object.forbids_writes) {
    types.insert = family.Define(TypeKind::kInputObject, "", "_mut_input_data", "insert", "A row to insert.");
    types.update = family.Define(TypeKind::kInputObject, "", "_mut_data", "update", "Values to set.");
  }
  DefineAggregations(family, types);
  SetArguments(generation, object, types);
}

}  // namespace

std::vector<graphql::InputValueSpec> ListArguments(Generation& generation, const DataObject& object, ListPlace place) {
  const SystemTypes& system = generation.system;
  std::vector<graphql::InputValueSpec> specs;
  if (const TypeBuilder* filter = generation.objects.at(&object).filter) {
    specs.push_back({"filter", TypeRef(filter->ref()), "Keeps the rows that match."});
  }
  specs.push_back({"order_by", system.order_by, "The order of the rows, first key first."});
  if (place != ListPlace::kAggregation) {
    specs.push_back({"limit", system.integer, "At most this many rows.", generation.default_limit()});
    specs.push_back({"offset", system.integer, "Leaves out this many rows.", "0"});
  }
  specs.push_back({"distinct_on", system.string.List(), "Keeps one row per distinct value of these fields."});
  if (place != ListPlace::kRoot) {
    specs.push_back({"inner", system.boolean, "Drops parents without a match.", "false"});
    specs.push_back({"nested_order_by", system.order_by, "The order of each parent's rows."});
    specs.push_back({"nested_limit", system.integer, "At most this many rows per parent."});
    specs.push_back({"nested_offset", system.integer, "Leaves out this many rows per parent."});
  }
  AddSimilarity(generation, object, specs);
  AddViewArgs(generation, object, specs);
  return specs;
}

void DefineEnums(Generation& generation, const CompiledSource& source) {
  for (const EnumType& enumeration : source.enums) {
    TypeBuilder* type = generation.Define(TypeKind::kEnum, enumeration.name);
    type->Description(enumeration.description).Catalog(source.source.name).HugrType("enum");
    for (const EnumType::Value& value : enumeration.values) {
      type->AddEnumValue({.name = value.name, .description = value.description});
    }
  }
}

TypeRef RenamedType(Generation& generation, const graphql::TypeNode& node, std::string_view name) {
  switch (node.kind) {
    case graphql::TypeNodeKind::kNamed: return generation.builder.Ref(name);
    case graphql::TypeNodeKind::kList: return RenamedType(generation, *node.inner, name).List();
    case graphql::TypeNodeKind::kNonNull: return RenamedType(generation, *node.inner, name).NonNull();
  }
  return {};
}

namespace {

graphql::InputValueSpec MemberSpec(Generation& generation, const InputType::Member& member) {
  graphql::InputValueSpec spec{.name = member.name,
                               .type = RenamedType(generation, *member.type, member.type_name),
                               .description = member.description};
  if (!member.default_text.empty()) spec.default_text = member.default_text;
  return spec;
}

}  // namespace

Arguments DeclaredArguments(Generation& generation, const std::vector<InputType::Member>& members) {
  std::vector<graphql::InputValueSpec> specs;
  for (const InputType::Member& member : members) {
    if (member.placeholder.empty()) specs.push_back(MemberSpec(generation, member));
  }
  return generation.builder.Arguments(specs);
}

Arguments RelationArguments(Generation& generation, const Relation& relation) {
  if (relation.call != nullptr) return DeclaredArguments(generation, relation.call->declared);
  const ObjectTypes& target = generation.objects.at(relation.to);
  return relation.single ? target.single_arguments : target.relation_arguments;
}

void DefineInputs(Generation& generation, const CompiledSource& source) {
  for (const InputType& input : source.inputs) {
    if (!input.IsVisible()) continue;
    TypeBuilder* type = generation.Define(TypeKind::kInputObject, input.name);
    type->Description(input.description).Catalog(source.source.name).HugrType("input");
    for (const InputType::Member& member : input.members) {
      if (member.placeholder.empty()) generation.Add(type, MemberSpec(generation, member));
    }
  }
}

void DefineStructs(Generation& generation, const CompiledSource& source) {
  for (const StructType& structure : source.structs) DefineStruct(generation, source, structure);
}

void DefineRows(Generation& generation, const CompiledSource& source) {
  for (const DataObject& object : source.row_objects) {
    const StructTypes& structure = generation.structs.at(object.structure);
    ObjectTypes& types = generation.objects[&object];
    types.self = structure.self;
    types.filter = structure.filter;
    const bool is_json = object.columns.front().storage == StructStorage::kJson;
    const std::string name = object.name + (is_json ? "_json_rows" : "_rows");
    Family family(generation, name, {}, source.source.name, generation.bindings->ForType(&object, nullptr));
    DefineAggregations(family, types);
    SetArguments(generation, object, types);
  }
}

void DefineObjects(Generation& generation, const CompiledSource& source) {
  for (const DataObject& object : source.objects) DefineObject(generation, object);
}

}  // namespace eider::catalog
