#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "graphql/schema_builder.h"
#include "graphql/schema_internal.h"

namespace eider::graphql {

// What a SchemaBuilder has collected so far. Types live in the arena of the schema from their first mention on, so
// references to them never need to be resolved.
struct SchemaBuilder::State {
  struct Entry {
    Type* type = nullptr;
    TypeBuilder* builder = nullptr;  // Null until the type is defined.
  };

  explicit State(Schema* made) : schema(made) {}

  InputValue MakeInputValue(SchemaBuilder& builder, const InputValueSpec& spec);
  const Value* ParseDefault(std::string_view name, std::string_view text);
  Arena& arena();
  // The steps of Build().
  void CheckNames(SchemaBuilder& builder);
  void FreezeTypes();
  void AddMetaFields(SchemaBuilder& builder);
  void Fail(std::string message) { errors.push_back({std::move(message), {}, {}}); }

  std::shared_ptr<Schema> schema;
  std::unordered_map<std::string_view, Entry> types;
  std::vector<std::unique_ptr<TypeBuilder>> builders;  // In definition order.
  std::unordered_set<std::string_view> texts;
  std::unordered_map<std::string_view, const Value*> defaults;
  std::vector<DirectiveDef> directives;
  std::string_view roots[3];
  std::vector<GraphqlError> errors;
};

// The standard scalars, directives and introspection types as SDL.
extern const char kBuiltinSdl[];

}  // namespace eider::graphql
