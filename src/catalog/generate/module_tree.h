#pragma once

#include <array>
#include <string>
#include <string_view>
#include <unordered_map>

#include "catalog/generate/generation.h"

namespace eider::catalog {

// The trees of modules (3.2).
enum class Scope { kQuery, kMutation, kFunction, kMutationFunction, kSubscription };

// Makes the module types that have content, with the fields that lead to them from the root types.
class ModuleTree {
 public:
  // Makes the root types; `Query.function` and `Mutation.function` appear with the first function.
  explicit ModuleTree(Generation& generation);

  // The type of module `path` ("a.b", empty = root) in `scope`, made together with its parents when it is new.
  graphql::TypeBuilder* Type(Scope scope, std::string_view path);

  // Adds a root field of a source; a clash is remembered by the generation.
  void AddField(Scope scope, std::string_view path, const graphql::FieldSpec& field);

 private:
  graphql::TypeBuilder* Make(Scope scope, std::string_view path);
  graphql::TypeBuilder* MakeRoot(Scope scope);

  Generation& generation_;
  std::array<std::unordered_map<std::string, graphql::TypeBuilder*>, 5> types_;
};

}  // namespace eider::catalog
