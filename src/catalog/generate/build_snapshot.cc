#include <fmt/format.h>

#include "catalog/compile/extension_linker.h"
#include "catalog/generate/generation.h"
#include "catalog/generate/geo_members.h"
#include "catalog/generate/members.h"
#include "catalog/generate/roots.h"

namespace eider::catalog {
namespace {

using Sources = std::vector<std::shared_ptr<const CompiledSource>>;

// Refuses two types with one compiled name, in the words of the sources that declare them.
Status CheckNames(const Sources& sources) {
  std::unordered_map<std::string_view, const Source*> owners;
  const auto claim = [&](const auto& types, const Source& source) -> Status {
    for (const auto& type : types) {
      const auto [owner, added] = owners.emplace(type.name, &source);
      if (added) continue;
      return Error(ErrorCode::kBadInput,
                   fmt::format("[PREPARE/Names] type \"{}\" is defined by data source \"{}\" and by data source \"{}\"",
                               type.name, owner->second->name, source.name));
    }
    return {};
  };
  for (const auto& source : sources) {
    EIDER_RETURN_IF_ERROR(claim(source->objects, source->source));
    EIDER_RETURN_IF_ERROR(claim(source->structs, source->source));
    EIDER_RETURN_IF_ERROR(claim(source->enums, source->source));
    EIDER_RETURN_IF_ERROR(claim(source->inputs, source->source));
  }
  return {};
}

void GenerateTypes(Generation& generation, const Sources& sources) {
  for (const auto& source : sources) {
    DefineEnums(generation, *source);
    DefineInputs(generation, *source);
    DefineStructs(generation, *source);
    DefineObjects(generation, *source);
    DefineRows(generation, *source);
  }
  DefineJoins(generation, sources);
  DefineGeoMembers(generation, sources);
  for (const auto& source : sources) {
    FillStructs(generation, *source);
    FillObjects(generation, *source);
    FillFilters(generation, *source);
    FillMutationInputs(generation, *source);
    FillAggregations(generation, *source);
  }
}

void GenerateRoots(Generation& generation, const Sources& sources) {
  ModuleTree modules(generation);
  for (const auto& source : sources) AddRootFields(generation, modules, *source);
  for (const auto& source : sources) AddSourceFunctions(generation, modules, *source);
  AddBuiltinFunctions(generation, modules);
  AddHexagons(generation, modules);
  AddSystemFields(generation, modules);
  for (const auto& source : sources) AddBulkFields(generation, modules, *source);
}

std::shared_ptr<Snapshot> MakeSnapshot(graphql::SchemaPtr schema, const Sources& sources, std::uint64_t version) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->version = version;
  snapshot->schema = std::move(schema);
  for (const auto& source : sources) {
    snapshot->owned.push_back(source);
    snapshot->sources.push_back(&source->source);
    for (const DataObject& object : source->objects) {
      snapshot->objects.push_back(&object);
      snapshot->objects_by_name.emplace(object.name, &object);
    }
    for (const Function& function : source->functions) snapshot->functions.push_back(&function);
  }
  return snapshot;
}

}  // namespace

Result<std::shared_ptr<const Snapshot>> BuildSnapshot(const Sources& given, std::uint64_t version,
                                                      const CompileOptions& options) {
  EIDER_RETURN_IF_ERROR(CheckNames(given));
  EIDER_ASSIGN_OR_RETURN(LinkedSources linked, LinkExtensions(given, options));
  const Sources& sources = linked.sources;
  Generation generation(options);
  if (options.default_limit > 0) generation.limit_text = std::to_string(options.default_limit);
  generation.system = AddSystemTypes(generation.builder, *generation.bindings);
  GenerateTypes(generation, sources);
  GenerateRoots(generation, sources);
  if (generation.error) return *std::move(generation.error);
  generation.builder.Keep(generation.bindings);
  for (const auto& source : sources) generation.builder.Keep(source);
  auto schema = generation.builder.Build();
  if (!schema) {
    return Error(ErrorCode::kBadInput, fmt::format("[PREPARE/Schema] {}", schema.error().front().message));
  }
  std::shared_ptr<Snapshot> snapshot = MakeSnapshot(*std::move(schema), sources, version);
  snapshot->misfits = std::move(linked.misfits);
  return snapshot;
}

}  // namespace eider::catalog
