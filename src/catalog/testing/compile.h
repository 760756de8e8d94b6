#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "catalog/compiled_source.h"
#include "catalog/compiler.h"

// How the tests of this folder compile small schemas.
namespace eider::catalog::testing {

// Source `lib` as the specification's examples have it.
inline SourceDefinition LibraryDefinition(std::string sdl) {
  SourceDefinition definition;
  definition.source = {.name = "lib", .type = "duckdb", .prefix = "lib", .catalog = "lib", .as_module = true};
  definition.files.push_back({"lib.graphql", std::move(sdl)});
  return definition;
}

using SnapshotPtr = std::shared_ptr<const Snapshot>;

// Compiles one source and publishes it alone.
inline Result<SnapshotPtr> Publish(const SourceDefinition& definition, const CompileOptions& options = {}) {
  EIDER_ASSIGN_OR_RETURN(auto compiled, CompileSource(definition, options));
  return BuildSnapshot({std::move(compiled)}, 1, options);
}

// The same for SDL of `lib` that is right.
inline SnapshotPtr PublishLibrary(std::string sdl) {
  auto snapshot = Publish(LibraryDefinition(std::move(sdl)));
  EXPECT_TRUE(snapshot.ok()) << (snapshot.ok() ? "" : snapshot.error().ToString());
  return snapshot.ok() ? *snapshot : nullptr;
}

// The message that SDL of `lib` is refused with; "" when it is accepted.
inline std::string Refusal(std::string sdl) {
  auto snapshot = Publish(LibraryDefinition(std::move(sdl)));
  return snapshot.ok() ? "" : snapshot.error().message;
}

// The field of a type, or null.
inline const graphql::Field* FieldOf(const Snapshot& snapshot, std::string_view type, std::string_view field) {
  const graphql::Type* found = snapshot.schema->FindType(type);
  return found == nullptr ? nullptr : found->FindField(field);
}

// "name(arg: Type = default, …): Type", or "" when there is no such field.
inline std::string Signature(const Snapshot& snapshot, std::string_view type, std::string_view field) {
  const graphql::Field* found = FieldOf(snapshot, type, field);
  if (found == nullptr) return "";
  std::string text(found->name);
  for (size_t i = 0; i < found->arguments.size(); ++i) {
    const graphql::InputValue& argument = found->arguments[i];
    text += i == 0 ? "(" : ", ";
    text += std::string(argument.name) + ": " + argument.type.ToString();
    if (argument.default_value != nullptr) text += " = " + std::string(argument.default_text);
  }
  if (!found->arguments.empty()) text += ")";
  return text + ": " + found->type.ToString();
}

// "a b c": the names of a type's fields, input fields or enum values.
inline std::string Members(const Snapshot& snapshot, std::string_view type) {
  const graphql::Type* found = snapshot.schema->FindType(type);
  std::string text;
  if (found == nullptr) return text;
  const auto add = [&](const auto& members) {
    for (const auto& member : members) text += (text.empty() ? "" : " ") + std::string(member.name);
  };
  add(found->fields);
  add(found->input_fields);
  add(found->enum_values);
  return text;
}

}  // namespace eider::catalog::testing
