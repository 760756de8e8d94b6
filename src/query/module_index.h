#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/model.h"

namespace eider::query {

// A module of a snapshot with its types; null where it has none.
struct ModuleEntry {
  std::string path;
  const graphql::Type* query = nullptr;
  const graphql::Type* mutation = nullptr;
  const graphql::Type* function = nullptr;
  const graphql::Type* mutation_function = nullptr;
  const graphql::Type* subscription = nullptr;
};

// A function of a module.
struct FunctionEntry {
  std::string_view module;
  const graphql::Field* field = nullptr;
  const catalog::FieldBinding* binding = nullptr;
  bool is_mutation = false;
};

// The modules of a snapshot by path, the root under the empty one. Points into the snapshot.
class ModuleIndex {
 public:
  explicit ModuleIndex(const catalog::Snapshot& snapshot);

  const ModuleEntry* Find(std::string_view path) const;
  // The modules right below `path`, by name.
  std::vector<const ModuleEntry*> Below(std::string_view path) const;
  const std::map<std::string, ModuleEntry, std::less<>>& all() const { return modules_; }
  // The functions of a module in the order of the schema, those of mutations last.
  static std::vector<FunctionEntry> FunctionsOf(const ModuleEntry& module);

 private:
  std::map<std::string, ModuleEntry, std::less<>> modules_;
};

}  // namespace eider::query
