#include "query/module_index.h"

#include <algorithm>

namespace eider::query {
namespace {

using catalog::FieldKind;

void AddFunctions(const ModuleEntry& module, const graphql::Type* type, bool is_mutation,
                  std::vector<FunctionEntry>& out) {
  if (type == nullptr) return;
  for (const graphql::Field& field : type->fields) {
    const catalog::FieldBinding* binding = catalog::BindingOf(field);
    if (binding == nullptr) continue;
    const FieldKind kind = binding->kind;
    if (kind == FieldKind::kFunction || kind == FieldKind::kMutationFunction || kind == FieldKind::kSourceFunction ||
        kind == FieldKind::kSourceMutationFunction) {
      out.push_back({module.path, &field, binding, is_mutation});
    }
  }
}

}  // namespace

ModuleIndex::ModuleIndex(const catalog::Snapshot& snapshot) {
  const graphql::Schema& schema = *snapshot.schema;
  modules_[""] = {"",
                  schema.query(),
                  schema.mutation(),
                  schema.FindType("Function"),
                  schema.FindType("MutationFunction"),
                  schema.subscription()};
  for (const graphql::Type* type : schema.types()) {
    if (type->hugr_type != "module" || type->module.empty()) continue;
    // A module may have content only further down.
    for (std::size_t dot = 0; dot != std::string_view::npos;) {
      dot = type->module.find('.', dot == 0 ? 0 : dot + 1);
      modules_[std::string(type->module.substr(0, dot))];
    }
  }
  for (auto& [path, module] : modules_) {
    if (path.empty()) continue;
    module.path = path;
    std::string flat = "_module_" + path;
    std::ranges::replace(flat, '.', '_');
    module.query = schema.FindType(flat + "_query");
    module.mutation = schema.FindType(flat + "_mutation");
    module.function = schema.FindType(flat + "_function");
    module.mutation_function = schema.FindType(flat + "_mut_function");
    module.subscription = schema.FindType(flat + "_subscription");
  }
}

const ModuleEntry* ModuleIndex::Find(std::string_view path) const {
  const auto found = modules_.find(path);
  return found == modules_.end() ? nullptr : &found->second;
}

std::vector<const ModuleEntry*> ModuleIndex::Below(std::string_view path) const {
  std::vector<const ModuleEntry*> below;
  const std::string prefix = path.empty() ? "" : std::string(path) + ".";
  for (const auto& [name, module] : modules_) {
    if (name.empty() || !name.starts_with(prefix) || name.find('.', prefix.size()) != std::string::npos) continue;
    below.push_back(&module);
  }
  return below;
}

std::vector<FunctionEntry> ModuleIndex::FunctionsOf(const ModuleEntry& module) {
  std::vector<FunctionEntry> functions;
  AddFunctions(module, module.function, false, functions);
  AddFunctions(module, module.mutation_function, true, functions);
  return functions;
}

}  // namespace eider::query
