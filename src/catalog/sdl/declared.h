#pragma once

#include <deque>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "catalog/compiler.h"
#include "catalog/sdl/site.h"
#include "graphql/ast.h"

// The SDL of one source as declared: all files merged, nothing renamed or generated.
namespace eider::catalog {

struct DeclaredDirective {
  const graphql::Directive* node = nullptr;
  const graphql::Document* document = nullptr;

  std::string_view name() const { return node->name; }
  Site site() const { return {document, node->position}; }
  // Where the value of `argument` stands; the directive itself when it is absent.
  Site ArgumentSite(std::string_view argument) const;
  // Values of arguments whose types CheckDirectives() has verified; the defaults when absent.
  std::string_view Text(std::string_view argument, std::string_view otherwise = {}) const;
  bool Flag(std::string_view argument, bool otherwise = false) const;
  std::vector<std::string_view> Texts(std::string_view argument) const;
};

using DeclaredDirectives = std::vector<DeclaredDirective>;

// The first directive called `name`, or nullptr.
const DeclaredDirective* Find(const DeclaredDirectives& directives, std::string_view name);

// A field of a type, with its directives after patches.
struct DeclaredField {
  const graphql::FieldDefinition* node = nullptr;
  const graphql::Document* document = nullptr;
  DeclaredDirectives directives;

  std::string_view name() const { return node->name; }
  Site site() const { return {document, node->position}; }
};

// A field of an input type, or a value of an enum.
template <class Node>
struct DeclaredMember {
  const Node* node = nullptr;
  const graphql::Document* document = nullptr;
  DeclaredDirectives directives;

  std::string_view name() const { return node->name; }
  Site site() const { return {document, node->position}; }
};
using DeclaredInput = DeclaredMember<graphql::InputValueDefinition>;
using DeclaredEnumValue = DeclaredMember<graphql::EnumValueDefinition>;

// A type with everything that its extensions added.
struct DeclaredType {
  graphql::TypeKind kind = graphql::TypeKind::kObject;
  std::string_view name;
  std::string_view description;
  Site site;  // Of the name.
  DeclaredDirectives directives;
  std::vector<DeclaredField> fields;
  std::vector<DeclaredInput> inputs;
  std::vector<DeclaredEnumValue> values;
  bool dropped = false;
};

// A field of `extend type Function` or `extend type MutationFunction`.
struct DeclaredFunction {
  DeclaredField field;
  bool is_mutation = false;
};

// What one `extend type` of an extension source adds to a type of another source.
struct DeclaredExtension {
  DeclaredType type;
  std::vector<std::string_view> dependencies;  // Of @dependency.
};

struct DeclaredSource {
  std::vector<graphql::DocumentPtr> documents;
  std::deque<DeclaredType> types;  // In order of definition.
  std::unordered_map<std::string_view, DeclaredType*> by_name;
  std::vector<DeclaredFunction> functions;
  std::deque<DeclaredExtension> extensions;  // Of an extension source, in document order.

  DeclaredType* Find(std::string_view name) const {
    const auto it = by_name.find(name);
    return it == by_name.end() ? nullptr : it->second;
  }
};

// The arguments of a field as declared.
std::vector<DeclaredInput> DeclaredArguments(const DeclaredField& field);

// Parses all files and merges extensions and patches. Fails with the first problem.
Result<DeclaredSource> ReadSdl(const SourceDefinition& definition, const Snapshot* loaded);

}  // namespace eider::catalog
