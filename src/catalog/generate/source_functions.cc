#include "catalog/generate/roots.h"

namespace eider::catalog {
namespace {

using graphql::FieldSpec;
using graphql::TypeRef;

TypeRef ResultType(Generation& generation, const Function& function) {
  if (function.rows == nullptr) return OutputType(generation, function.result);
  TypeRef type = generation.objects.at(function.rows).self->ref();
  if (function.result.is_list) type = (function.result.item_non_null ? type.NonNull() : type).List();
  return function.result.non_null ? type.NonNull() : type;
}

void AddFunction(Generation& generation, ModuleTree& modules, const Function& function) {
  const Scope scope = function.is_mutation ? Scope::kMutationFunction : Scope::kFunction;
  BindingStore& bindings = *generation.bindings;
  FieldSpec spec{.name = function.name,
                 .type = ResultType(generation, function),
                 .arguments = DeclaredArguments(generation, function.arguments),
                 .description = function.description,
                 .annotation = bindings.ForSourceFunction(
                     function.is_mutation ? FieldKind::kSourceMutationFunction : FieldKind::kSourceFunction, &function),
                 .hugr_type = "function",
                 .catalog = function.source->name};
  modules.AddField(scope, function.module, spec);
  if (!function.is_table || function.rows == nullptr || function.is_mutation) return;
  const ObjectTypes& types = generation.objects.at(function.rows);
  const std::string aggregation = function.name + "_aggregation";
  spec.name = aggregation;
  spec.type = types.aggregation->ref();
  spec.annotation = bindings.ForSourceFunction(FieldKind::kSourceFunctionAggregate, &function);
  spec.hugr_type = "aggregate";
  modules.AddField(scope, function.module, spec);
  const std::string buckets = function.name + "_bucket_aggregation";
  spec.name = buckets;
  spec.type = types.bucket->ref().List();
  spec.annotation = bindings.ForSourceFunction(FieldKind::kSourceFunctionBucketAggregate, &function);
  spec.hugr_type = "bucket_agg";
  modules.AddField(scope, function.module, spec);
}

}  // namespace

void AddSourceFunctions(Generation& generation, ModuleTree& modules, const CompiledSource& source) {
  for (const Function& function : source.functions) AddFunction(generation, modules, function);
}

}  // namespace eider::catalog
