#include "catalog/generate/module_tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/generate/field_kind.h"

namespace eider::catalog {
namespace {

using graphql::FieldSpec;
using graphql::TypeBuilder;
using graphql::TypeKind;

constexpr std::string_view kRootNames[] = {"Query", "Mutation", "Function", "MutationFunction", "Subscription"};
constexpr std::string_view kSuffixes[] = {"query", "mutation", "function", "mut_function", "subscription"};

size_t Index(Scope scope) { return static_cast<size_t>(scope); }

}  // namespace

ModuleTree::ModuleTree(Generation& generation) : generation_(generation) {
  TypeBuilder* query = Type(Scope::kQuery, {});
  generation_.Add(
      Type(Scope::kSubscription, {}),
      FieldSpec{
          .name = "query",
          .type = query->ref(),
          .arguments = generation_.builder.Arguments(
              {{"interval", generation_.builder.Ref("Interval"),
                "From the start of a run to the start of the next one: a number of seconds, or a text such as 10s, "
                "1m30s, PT5S or 5 seconds. Without it the query runs once."},
               {"count", generation_.builder.Ref("Int"), "Ends after so many runs; 0 = never.", "0"}}),
          .description = "Runs a query again and again."});
}

TypeBuilder* ModuleTree::Type(Scope scope, std::string_view path) {
  auto& types = types_[Index(scope)];
  const std::string key(path);
  if (const auto found = types.find(key); found != types.end()) return found->second;
  TypeBuilder* type = path.empty() ? MakeRoot(scope) : Make(scope, path);
  types.emplace(key, type);
  return type;
}

TypeBuilder* ModuleTree::MakeRoot(Scope scope) {
  TypeBuilder* type = generation_.Define(TypeKind::kObject, kRootNames[Index(scope)]);
  type->HugrType("module");
  if (scope != Scope::kFunction && scope != Scope::kMutationFunction) return type;
  TypeBuilder* parent = Type(scope == Scope::kFunction ? Scope::kQuery : Scope::kMutation, {});
  generation_.Add(parent, FieldSpec{.name = "function",
                                    .type = type->ref(),
                                    .description = "Functions, by module.",
                                    .annotation = generation_.bindings->ForModule(),
                                    .hugr_type = "submodule"});
  return type;
}

TypeBuilder* ModuleTree::Make(Scope scope, std::string_view path) {
  const size_t dot = path.rfind('.');
  const std::string_view name = dot == std::string_view::npos ? path : path.substr(dot + 1);
  const std::string_view parent = dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
  std::string flat(path);
  std::ranges::replace(flat, '.', '_');
  TypeBuilder* type =
      generation_.Define(TypeKind::kObject, fmt::format("_module_{}_{}", flat, kSuffixes[Index(scope)]));
  type->HugrType("module").Module(path);
  AddField(scope, parent,
           FieldSpec{.name = name,
                     .type = type->ref(),
                     .annotation = generation_.bindings->ForModule(),
                     .hugr_type = "submodule"});
  return type;
}

void ModuleTree::AddField(Scope scope, std::string_view path, const FieldSpec& field) {
  TypeBuilder* type = Type(scope, path);
  FieldSpec spec = field;
  spec.field_kind = FieldKindName(field.annotation);
  if (type->AddField(spec)) return;
  const graphql::Field* present = type->FindField(field.name);
  generation_.Fail(
      fmt::format("[PREPARE/Modules] {} has a member \"{}\" already (of data source \"{}\"), which data "
                  "source \"{}\" would add",
                  path.empty() ? std::string(kRootNames[Index(scope)]) : fmt::format("module \"{}\"", path), field.name,
                  present == nullptr ? std::string_view() : present->catalog, field.catalog));
}

}  // namespace eider::catalog
