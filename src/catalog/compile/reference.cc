#include "catalog/compile/reference.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/scalars.h"
#include "catalog/system_names.h"

namespace eider::catalog {
namespace {

constexpr std::string_view kRule = "VALIDATE/References";

// The column that a @field_references points at when it names none.
Result<const Column*> OnlyKey(const DeclaredDirective& directive, const DataObject& object) {
  if (object.primary_key.size() == 1) return object.primary_key.front();
  return Problem(directive.ArgumentSite("references_name"), kRule,
                 fmt::format("\"{}\" has no single primary key; name a field", object.declared_name));
}

void FillNames(const DeclaredDirective& directive, Reference* reference) {
  reference->name = directive.Text("name");
  if (reference->name.empty()) {
    reference->name = reference->to->name;
    for (const Column* column : reference->from_columns) reference->name += "_" + column->name;
  }
  reference->query = directive.Text("query");
  if (reference->query.empty()) reference->query = reference->to->name;
  reference->references_query = directive.Text("references_query");
  if (reference->references_query.empty()) reference->references_query = reference->from->name;
  reference->description = directive.Text("description");
  reference->references_description = directive.Text("references_description");
}

}  // namespace

std::string_view NameIn(const Compilation& compilation, const DataObject& object) {
  return object.source == &compilation.out.source ? object.declared_name : object.name;
}

std::string_view NameBeside(const DataObject& object, const DataObject& other) {
  return object.source == other.source ? object.declared_name : object.name;
}

Result<Reference> ReadFieldReference(const Compilation& compilation, const DeclaredDirective& directive,
                                     DataObject* from, const Column* column) {
  Reference reference{.site = directive.site(), .from = from};
  EIDER_ASSIGN_OR_RETURN(reference.to, FindTarget(compilation, directive));
  reference.from_columns = {column};
  if (directive.Text("field").empty()) {
    EIDER_ASSIGN_OR_RETURN(const Column* key, OnlyKey(directive, *reference.to));
    reference.to_columns = {key};
  } else {
    EIDER_ASSIGN_OR_RETURN(reference.to_columns, FindKeys(directive, "field", *reference.to));
  }
  EIDER_RETURN_IF_ERROR(CheckKeys(directive, "field", reference.from_columns, reference.to_columns));
  FillNames(directive, &reference);
  return reference;
}

namespace {

// The data source that owns type `name` now, if another one does.
std::string_view ForeignOwner(const Compilation& compilation, std::string_view name) {
  const Snapshot* loaded = compilation.options.loaded;
  const DataObject* object = loaded == nullptr ? nullptr : loaded->FindObject(name);
  return object == nullptr || object->source->name == compilation.out.source.name ? std::string_view()
                                                                                  : object->source->name;
}

}  // namespace

Result<DataObject*> FindTarget(const Compilation& compilation, const DeclaredDirective& directive) {
  const std::string_view name = directive.Text("references_name");
  if (const auto found = compilation.objects.find(name); found != compilation.objects.end()) return found->second;
  const Site site = directive.ArgumentSite("references_name");
  if (const std::string_view owner = ForeignOwner(compilation, name); !owner.empty()) {
    return Problem(site, "VALIDATE/ExtensionValidator",
                   fmt::format("@{} names \"{}\" of data source \"{}\" — cross-source references are only allowed in "
                               "extension sources",
                               directive.name(), name, owner));
  }
  return Problem(site, kRule, fmt::format("@{} names an unknown table or view: \"{}\"", directive.name(), name));
}

Result<std::vector<const Column*>> FindKeys(const DeclaredDirective& directive, std::string_view argument,
                                            const DataObject& object) {
  std::vector<const Column*> keys;
  for (const std::string_view name : directive.Texts(argument)) {
    const Column* column = object.FindColumn(name);
    if (column == nullptr) {
      return Problem(directive.ArgumentSite(argument), kRule,
                     fmt::format("\"{}\" has no field \"{}\"", object.declared_name, name));
    }
    keys.push_back(column);
  }
  return keys;
}

Status CheckKeys(const DeclaredDirective& directive, std::string_view at, const std::vector<const Column*>& left,
                 const std::vector<const Column*>& right) {
  if (left.empty() || left.size() != right.size()) {
    return Problem(directive.ArgumentSite(at), kRule,
                   fmt::format("@{} needs equally many fields on both sides", directive.name()));
  }
  for (size_t i = 0; i < left.size(); ++i) {
    const bool scalars = !left[i]->is_list && !right[i]->is_list && left[i]->kind != ScalarKind::kStruct;
    if (scalars && KeysFit(left[i]->kind, right[i]->kind)) continue;
    return Problem(directive.ArgumentSite(at), kRule,
                   fmt::format("fields \"{}\" and \"{}\" must be scalars of one type", left[i]->name, right[i]->name));
  }
  return {};
}

Status CheckFieldName(const DataObject& object, std::string_view field, const Site& site) {
  if (!IsUsableName(field)) return Problem(site, kRule, fmt::format("\"{}\" cannot be a field name", field));
  const bool is_call = std::ranges::find(object.calls, field, &FunctionCall::field) != object.calls.end();
  if (!is_call && object.FindColumn(field) == nullptr && object.FindRelation(field) == nullptr) return {};
  return Problem(site, kRule,
                 fmt::format("\"{}\" has a field \"{}\" already; name this end of the relation by `query` or "
                             "`references_query`",
                             object.declared_name, field));
}

Status AddRelation(DataObject* object, Relation relation, const Site& site) {
  if (relation.call == nullptr) EIDER_RETURN_IF_ERROR(CheckFieldName(*object, relation.field, site));
  const Relation& added = object->relations.emplace_back(std::move(relation));
  object->relations_by_field.emplace(added.field, &added);
  return {};
}

bool IsThroughJunction(const DeclaredDirective& directive) {
  return directive.name() == "references" && (directive.Flag("is_m2m") || !directive.Text("m2m_name").empty());
}

Result<Reference> ReadTypeReference(const Compilation& compilation, const DeclaredDirective& directive,
                                    DataObject* from) {
  Reference reference{.site = directive.site(), .from = from};
  EIDER_ASSIGN_OR_RETURN(reference.to, FindTarget(compilation, directive));
  EIDER_ASSIGN_OR_RETURN(reference.from_columns, FindKeys(directive, "source_fields", *from));
  EIDER_ASSIGN_OR_RETURN(reference.to_columns, FindKeys(directive, "references_fields", *reference.to));
  // Through a junction the two ends need not pair up.
  if (!IsThroughJunction(directive)) {
    EIDER_RETURN_IF_ERROR(CheckKeys(directive, "source_fields", reference.from_columns, reference.to_columns));
  }
  FillNames(directive, &reference);
  return reference;
}

Result<std::vector<Reference>> ReadReferences(const Compilation& compilation, const DeclaredType& type,
                                              DataObject* from) {
  std::vector<Reference> references;
  for (const DeclaredDirective& directive : type.directives) {
    if (directive.name() != "references" || IsThroughJunction(directive)) continue;
    EIDER_ASSIGN_OR_RETURN(Reference reference, ReadTypeReference(compilation, directive, from));
    references.push_back(std::move(reference));
  }
  for (const DeclaredField& field : type.fields) {
    for (const DeclaredDirective& directive : field.directives) {
      if (directive.name() != "field_references") continue;
      EIDER_ASSIGN_OR_RETURN(Reference reference,
                             ReadFieldReference(compilation, directive, from, from->FindColumn(field.name())));
      references.push_back(std::move(reference));
    }
  }
  return references;
}

}  // namespace eider::catalog
