#include <fmt/format.h>

#include "catalog/sdl/declared.h"
#include "catalog/sdl/patches.h"
#include "catalog/system_names.h"
#include "graphql/parser.h"

namespace eider::catalog {
namespace {

using graphql::TypeDefinition;
using graphql::TypeKind;

// One type definition with the document it stands in.
struct Part {
  const TypeDefinition* node;
  const graphql::Document* document;
  Site site() const { return {document, node->position}; }
};

class Merger {
 public:
  // `adds_to_others`: of an extension source.
  Merger(const Snapshot* loaded, bool adds_to_others) : loaded_(loaded), adds_to_others_(adds_to_others) {}

  Status AddFile(const SdlFile& file);
  Status ApplyExtensions();
  DeclaredSource Take();

 private:
  Status Define(const Part& part);
  Status Extend(const Part& part);
  Status DeclareFunctions(const Part& part);
  Status Merge(const Part& part, const Patch& patch, DeclaredType* type);
  static Status CheckKind(const Part& part);
  Error UnknownType(const Part& part) const;
  Status ExtendForeign(const Part& part);
  void Drop(DeclaredType* type);

  const Snapshot* loaded_;
  const bool adds_to_others_;
  DeclaredSource source_;
  std::vector<Part> extensions_;
};

Error SyntaxError(const SdlFile& file, const graphql::GraphqlError& error) {
  const graphql::Location at = error.locations.empty() ? graphql::Location{1, 1} : error.locations.front();
  return Error(ErrorCode::kBadInput,
               fmt::format("{}:{}:{}: [VALIDATE/Syntax] {}", file.name, at.line, at.column, error.message));
}

Status Merger::AddFile(const SdlFile& file) {
  auto parsed = graphql::ParseSdl(file.text, file.name);
  if (!parsed) return SyntaxError(file, parsed.error());
  const graphql::Document* document = parsed->get();
  source_.documents.push_back(*parsed);
  if (!document->schemas().empty()) {
    return Problem({document, document->schemas().front()->position}, "VALIDATE/Definitions",
                   "a data source cannot define a schema");
  }
  for (const TypeDefinition* type : document->types()) {
    const Part part{type, document};
    if (type->is_extension) {
      extensions_.push_back(part);
    } else {
      EIDER_RETURN_IF_ERROR(Define(part));
    }
  }
  return {};
}

Status Merger::CheckKind(const Part& part) {
  const TypeDefinition& node = *part.node;
  if (IsSystemType(node.name)) {
    return Problem(part.site(), "VALIDATE/SystemTypes", fmt::format("cannot redefine system type \"{}\"", node.name));
  }
  switch (node.kind) {
    case TypeKind::kScalar:
      return Problem(part.site(), "VALIDATE/Definitions", "a data source cannot define a scalar type");
    case TypeKind::kInterface: return NotSupported(part.site(), "an interface");
    case TypeKind::kUnion: return NotSupported(part.site(), "a union");
    default: break;
  }
  if (!node.interfaces.empty()) {
    return NotSupported({part.document, node.interfaces.front().position}, "implementing an interface");
  }
  return {};
}

Status Merger::Define(const Part& part) {
  EIDER_RETURN_IF_ERROR(CheckKind(part));
  const Patch patch = ReadPatch(part.node->directives, part.document);
  DeclaredType* existing = source_.Find(part.node->name);
  if (existing != nullptr) {
    if (patch.if_not_exists) return {};
    if (!patch.replace) {
      return Problem(part.site(), "VALIDATE/Definitions",
                     fmt::format("type \"{}\" is already defined", part.node->name));
    }
    *existing = DeclaredType{};
  } else {
    existing = &source_.types.emplace_back();
    source_.by_name.emplace(part.node->name, existing);
  }
  existing->kind = part.node->kind;
  existing->name = part.node->name;
  existing->site = part.site();
  return Merge(part, patch, existing);
}

Status Merger::Merge(const Part& part, const Patch& patch, DeclaredType* type) {
  if (part.node->description.data() != nullptr && !part.node->description.empty()) {
    type->description = part.node->description;
  }
  PatchDirectives(patch, &type->directives);
  EIDER_RETURN_IF_ERROR(MergeMembers(part.node->fields, part.document, type->name, &type->fields));
  EIDER_RETURN_IF_ERROR(MergeMembers(part.node->input_fields, part.document, type->name, &type->inputs));
  return MergeMembers(part.node->enum_values, part.document, type->name, &type->values);
}

Status Merger::DeclareFunctions(const Part& part) {
  for (const graphql::FieldDefinition& node : part.node->fields) {
    if (node.name == "_stub") continue;
    const Patch patch = ReadPatch(node.directives, part.document);
    if (patch.rest.size() != node.directives.size()) {
      return NotSupported({part.document, node.position}, "patching a function");
    }
    source_.functions.push_back({{&node, part.document, patch.rest}, part.node->name == "MutationFunction"});
  }
  return {};
}

Error Merger::UnknownType(const Part& part) const {
  const std::string_view name = part.node->name;
  const graphql::Type* foreign = loaded_ == nullptr ? nullptr : loaded_->schema->FindType(name);
  if (foreign == nullptr || foreign->catalog.empty()) {
    return Problem(part.site(), "VALIDATE/ExtensionValidator", fmt::format("extend type {}: no such type", name));
  }
  return Problem(part.site(), "VALIDATE/ExtensionValidator",
                 fmt::format("extend type {}: it belongs to data source \"{}\" — a regular source describes only its "
                             "own data, and cross-source extensions belong to an extension source",
                             name, foreign->catalog));
}

// What it adds is tied to the other sources when the schema of all is built.
Status Merger::ExtendForeign(const Part& part) {
  const std::string_view name = part.node->name;
  if (part.node->kind != TypeKind::kObject) {
    return Problem(part.site(), "VALIDATE/ExtensionValidator",
                   fmt::format("extend type {}: only tables and views of other sources can be extended", name));
  }
  const auto refuse = [&](std::span<const graphql::Directive> directives) -> Status {
    const auto patch = std::ranges::find_if(directives, IsPatchDirective, &graphql::Directive::name);
    if (patch == directives.end()) return {};
    return Problem({part.document, patch->position}, "VALIDATE/ExtensionValidator",
                   fmt::format("extension definition {} can't contain @{}", name, patch->name));
  };
  EIDER_RETURN_IF_ERROR(refuse(part.node->directives));
  for (const graphql::FieldDefinition& field : part.node->fields) EIDER_RETURN_IF_ERROR(refuse(field.directives));
  DeclaredExtension& extension = source_.extensions.emplace_back();
  extension.type.kind = part.node->kind;
  extension.type.name = name;
  extension.type.site = part.site();
  EIDER_RETURN_IF_ERROR(Merge(part, ReadPatch(part.node->directives, part.document), &extension.type));
  for (const DeclaredDirective& directive : extension.type.directives) {
    if (directive.name() == "dependency") extension.dependencies.push_back(directive.Text("name"));
  }
  return {};
}

Status Merger::Extend(const Part& part) {
  const std::string_view name = part.node->name;
  if (name == "Function" || name == "MutationFunction") {
    return DeclareFunctions(part);
  }
  if (IsSystemType(name)) {
    return Problem(part.site(), "VALIDATE/ExtensionValidator",
                   fmt::format("extend type {}: system types cannot be extended", name));
  }
  const Patch patch = ReadPatch(part.node->directives, part.document);
  DeclaredType* type = source_.Find(name);
  if (type == nullptr && patch.drop && patch.drop_if_exists) return {};
  const bool depends =
      std::ranges::find(part.node->directives, "dependency", &graphql::Directive::name) != part.node->directives.end();
  if (adds_to_others_ && (type == nullptr || depends)) return ExtendForeign(part);
  if (type == nullptr) return UnknownType(part);
  if (type->kind != part.node->kind) {
    return Problem(part.site(), "VALIDATE/ExtensionValidator",
                   fmt::format("extend type {}: the extended type is of another kind", name));
  }
  if (patch.drop) {
    Drop(type);
    return {};
  }
  return Merge(part, patch, type);
}

void Merger::Drop(DeclaredType* type) {
  type->dropped = true;
  source_.by_name.erase(type->name);
}

Status Merger::ApplyExtensions() {
  for (const Part& part : extensions_) EIDER_RETURN_IF_ERROR(Extend(part));
  return {};
}

DeclaredSource Merger::Take() {
  std::erase_if(source_.types, [](const DeclaredType& type) { return type.dropped; });
  source_.by_name.clear();
  for (DeclaredType& type : source_.types) source_.by_name.emplace(type.name, &type);
  return std::move(source_);
}

}  // namespace

Result<DeclaredSource> ReadSdl(const SourceDefinition& definition, const Snapshot* loaded) {
  Merger merger(loaded, definition.source.IsExtension());
  for (const SdlFile& file : definition.introspected) EIDER_RETURN_IF_ERROR(merger.AddFile(file));
  for (const SdlFile& file : definition.files) EIDER_RETURN_IF_ERROR(merger.AddFile(file));
  EIDER_RETURN_IF_ERROR(merger.ApplyExtensions());
  return merger.Take();
}

}  // namespace eider::catalog
