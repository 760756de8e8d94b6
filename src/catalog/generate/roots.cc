#include "catalog/generate/roots.h"

#include <string>

namespace eider::catalog {
namespace {

using graphql::FieldSpec;
using graphql::InputValueSpec;
using graphql::TypeRef;

// Adds root fields of one object.
class RootFields {
 public:
  RootFields(Generation& generation, ModuleTree& modules, const DataObject& object)
      : generation_(generation),
        modules_(modules),
        object_(object),
        types_(generation.objects.at(&object)) {}

  void AddQueries();
  void AddMutations();
  void AddStream();
  void AddBulk();

 private:
  void Query(std::string_view suffix, TypeRef type, Arguments arguments, const FieldBinding* binding,
             std::string_view hugr_type);
  void Mutation(std::string_view before, TypeRef type, std::initializer_list<InputValueSpec> arguments, FieldKind kind);
  // A lookup by the values of `columns`, all required.
  Arguments KeyArguments(std::span<const Column* const> columns);
  const FieldBinding* Bind(FieldKind kind) { return generation_.bindings->ForObject(kind, &object_); }
  bool AnswersRow() const { return !object_.primary_key.empty() && !object_.is_m2m; }

  Generation& generation_;
  ModuleTree& modules_;
  const DataObject& object_;
  const ObjectTypes& types_;
};

void RootFields::Query(std::string_view suffix, TypeRef type, Arguments arguments, const FieldBinding* binding,
                       std::string_view hugr_type) {
  const std::string name = object_.field + std::string(suffix);
  modules_.AddField(Scope::kQuery, object_.module,
                    FieldSpec{.name = name,
                              .type = type,
                              .arguments = arguments,
                              .description = object_.description,
                              .annotation = binding,
                              .hugr_type = hugr_type,
                              .catalog = object_.source->name});
}

Arguments RootFields::KeyArguments(std::span<const Column* const> columns) {
  std::vector<InputValueSpec> specs;
  for (const Column* column : columns) {
    specs.push_back({.name = column->name, .type = OutputType(generation_, *column).NonNull()});
  }
  AddSimilarity(generation_, object_, specs);
  if (object_.args != nullptr && object_.args->IsVisible()) {
    const TypeRef args = generation_.builder.Ref(object_.args_type);
    specs.push_back({"args", object_.args_required ? args.NonNull() : args, "The parameters of the view."});
  }
  return generation_.builder.Arguments(specs);
}

void RootFields::AddQueries() {
  const TypeRef self = types_.self->ref();
  Query("", self.List(), types_.root_arguments, Bind(FieldKind::kSelect), "select");
  if (AnswersRow()) {
    Query("_by_pk", self, KeyArguments(object_.primary_key), Bind(FieldKind::kSelectByPk), "select_one");
  }
  for (const UniqueKey& unique : object_.unique_keys) {
    if (unique.suffix.empty()) continue;
    Query("_" + unique.suffix, self, KeyArguments(unique.columns), generation_.bindings->ForUnique(&object_, &unique),
          "select_one");
  }
  Query("_aggregation", types_.aggregation->ref(), types_.root_arguments, Bind(FieldKind::kAggregate), "aggregate");
  Query("_bucket_aggregation", types_.bucket->ref().List(), types_.root_arguments, Bind(FieldKind::kBucketAggregate),
        "bucket_agg");
}

void RootFields::Mutation(std::string_view before, TypeRef type, std::initializer_list<InputValueSpec> arguments,
                          FieldKind kind) {
  const std::string name = std::string(before) + object_.field;
  const FieldSpec field{.name = name,
                        .type = type,
                        .arguments = generation_.builder.Arguments(arguments),
                        .annotation = Bind(kind),
                        .hugr_type = before.substr(0, before.size() - 1),
                        .catalog = object_.source->name};
  if (kind == FieldKind::kInsertMany || kind == FieldKind::kUpsert || kind == FieldKind::kUpsertMany) {
    // A core field of that name stays.
    modules_.Type(Scope::kMutation, object_.module)->AddField(field);
  } else {
    modules_.AddField(Scope::kMutation, object_.module, field);
  }
}

void RootFields::AddMutations() {
  const TypeRef outcome = generation_.system.operation_result;
  const InputValueSpec filter{"filter", types_.filter->ref(), "Which rows; without it all."};
  Mutation("insert_", AnswersRow() ? types_.self->ref() : outcome,
           {{"data", types_.insert->ref().NonNull(), "The row, with related rows to insert."}}, FieldKind::kInsert);
  Mutation("update_", outcome, {filter, {"data", types_.update->ref().NonNull(), "The values to set."}},
           FieldKind::kUpdate);
  Mutation("delete_", outcome, {filter}, FieldKind::kDelete);
}

void RootFields::AddStream() {
  const TypeRef key = OutputType(generation_, *object_.primary_key.front());
  modules_.AddField(
      Scope::kSubscription, object_.module,
      FieldSpec{.name = object_.stream,
                .type = types_.self->ref(),
                .arguments = generation_.builder.Arguments(
                    {{"after", key.Nullable(), "Also the rows with a greater key, to go on where another stopped."}}),
                .description = "Rows as they are added.",
                .annotation = Bind(FieldKind::kStream),
                .catalog = object_.source->name});
}

void RootFields::AddBulk() {
  const TypeRef outcome = generation_.system.operation_result;
  const TypeRef names = generation_.system.string.NonNull().List();
  const InputValueSpec data{"data", types_.insert->ref().NonNull().List().NonNull(), "The rows."};
  const InputValueSpec return_rows{"return_rows", generation_.system.boolean, "Whether to answer the rows.", "true"};
  const InputValueSpec on_conflict{"on_conflict", names, "The columns of a unique key; without it the primary key."};
  const InputValueSpec update{"update", names, "The columns to set in a row that exists; without it all given ones."};
  Mutation("insert_many_", AnswersRow() ? types_.self->ref().List() : outcome, {data, return_rows},
           FieldKind::kInsertMany);
  Mutation("upsert_", AnswersRow() ? types_.self->ref() : outcome,
           {{"data", types_.insert->ref().NonNull(), "The row, without related rows."}, on_conflict, update},
           FieldKind::kUpsert);
  Mutation("upsert_many_", outcome, {data, on_conflict, update}, FieldKind::kUpsertMany);
}

}  // namespace

void AddRootFields(Generation& generation, ModuleTree& modules, const CompiledSource& source) {
  for (const DataObject& object : source.objects) {
    RootFields fields(generation, modules, object);
    fields.AddQueries();
    if (generation.objects.at(&object).insert != nullptr) fields.AddMutations();
    if (!object.stream.empty()) fields.AddStream();
  }
}

void AddBulkFields(Generation& generation, ModuleTree& modules, const CompiledSource& source) {
  for (const DataObject& object : source.objects) {
    if (generation.objects.at(&object).insert != nullptr) RootFields(generation, modules, object).AddBulk();
  }
}

}  // namespace eider::catalog
