#include "query/logical_schema.h"

#include <algorithm>
#include <set>

namespace eider::query {

using catalog::DataObject;
using catalog::Relation;
using catalog::Source;

bool LogicalSchema::ShowsField(const graphql::Type* type, std::string_view name) const {
  if (visibility_ == nullptr || type == nullptr) return true;
  const graphql::Field* field = type->FindField(name);
  if (field == nullptr) return true;
  return visibility_->IsVisible(*type, *field) && visibility_->IsVisible(*field->type.named());
}

bool LogicalSchema::ShowsModule(std::string_view path) const {
  if (visibility_ == nullptr || path.empty()) return true;
  const std::size_t dot = path.rfind('.');
  const std::string_view outer = dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
  const ModuleEntry* module = modules_.Find(outer);
  const std::string_view name = dot == std::string_view::npos ? path : path.substr(dot + 1);
  return ShowsModule(outer) && (module == nullptr || ShowsField(module->query, name));
}

bool LogicalSchema::Shows(const DataObject& object) const {
  return visibility_ == nullptr || (visibility_->IsVisible(object) && ShowsModule(object.module));
}

bool LogicalSchema::Shows(const FunctionEntry& function) const {
  const ModuleEntry* module = modules_.Find(function.module);
  if (module == nullptr) return true;
  return ShowsModule(function.module) &&
         ShowsField(function.is_mutation ? module->mutation_function : module->function, function.field->name);
}

bool LogicalSchema::Shows(const DataObject& object, const Relation& relation) const {
  return Shows(*relation.to) && (relation.junction == nullptr || Shows(*relation.junction)) &&
         ShowsField(schema_.FindType(object.name), relation.field);
}

const Source* LogicalSchema::FindSource(std::string_view name) const {
  const auto found =
      std::ranges::find(snapshot_.sources, name, [](const Source* source) { return std::string_view(source->name); });
  return found == snapshot_.sources.end() ? nullptr : *found;
}

const Source* LogicalSchema::SourceOf(const FunctionEntry& function) {
  return function.binding->function == nullptr ? nullptr : function.binding->function->source;
}

std::vector<const DataObject*> LogicalSchema::ObjectsOf(std::string_view module) const {
  std::vector<const DataObject*> objects;
  for (const DataObject* object : snapshot_.objects) {
    if (object->module == module) objects.push_back(object);
  }
  return objects;
}

std::vector<const Source*> LogicalSchema::SourcesOf(const ModuleEntry& module) const {
  const auto inside = [&](std::string_view path) {
    return module.path.empty() || path == module.path || path.starts_with(module.path + ".");
  };
  std::set<const Source*> found;
  for (const DataObject* object : snapshot_.objects) {
    if (inside(object->module)) found.insert(object->source);
  }
  for (const catalog::Function* function : snapshot_.functions) {
    if (inside(function->module)) found.insert(function->source);
  }
  std::vector<const Source*> sources;
  for (const Source* source : snapshot_.sources) {
    if (module.path.empty() || found.contains(source)) sources.push_back(source);
  }
  return sources;
}

std::vector<FunctionEntry> LogicalSchema::AllFunctions() const {
  std::vector<FunctionEntry> all;
  for (const auto& [path, module] : modules_.all()) {
    for (const FunctionEntry& function : ModuleIndex::FunctionsOf(module)) all.push_back(function);
  }
  return all;
}

bool LogicalSchema::IsInScope(const graphql::Type& type, std::string_view scope) const {
  using graphql::TypeKind;
  const bool is_object = snapshot_.FindObject(type.name) != nullptr;
  const bool is_module = type.hugr_type == "module";
  const auto* binding = static_cast<const catalog::TypeBinding*>(type.annotation);
  const bool is_struct = type.kind == TypeKind::kObject && binding != nullptr && binding->structure != nullptr;
  if (scope == "DATA_OBJECTS") return is_object;
  if (scope == "MODULES") return is_module;
  if (scope == "OBJECTS") return is_object || is_struct;
  if (scope == "INPUTS") return type.kind == TypeKind::kInputObject;
  if (scope == "ENUMS") return type.kind == TypeKind::kEnum;
  if (scope == "SCALARS") return type.kind == TypeKind::kScalar;
  return scope != "SYSTEM" || type.is_builtin || (type.catalog.empty() && !is_module && !is_object && !is_struct);
}

}  // namespace eider::query
