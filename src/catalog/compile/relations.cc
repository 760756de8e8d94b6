#include <fmt/format.h>

#include <algorithm>

#include "catalog/compile/reference.h"

namespace eider::catalog {
namespace {

// A relation's two ends with what both share. Filters of other objects cannot give a view its parameters.
Relation MakeRelation(RelationKind kind, const Reference& reference, const DataObject* from, const DataObject* to) {
  Relation relation;
  relation.name = reference.name;
  relation.kind = kind;
  relation.from = from;
  relation.to = to;
  relation.in_filters = to->args == nullptr;
  return relation;
}

Status AddForward(const Reference& reference) {
  Relation relation = MakeRelation(RelationKind::kForward, reference, reference.from, reference.to);
  relation.field = reference.query;
  relation.single = true;
  relation.from_columns = reference.from_columns;
  relation.to_columns = reference.to_columns;
  relation.description = reference.description;
  return AddRelation(reference.from, std::move(relation), reference.site);
}

Status AddBack(const Reference& reference) {
  Relation relation = MakeRelation(RelationKind::kBack, reference, reference.to, reference.from);
  relation.field = reference.references_query;
  relation.from_columns = reference.to_columns;
  relation.to_columns = reference.from_columns;
  relation.description = reference.references_description;
  return AddRelation(reference.to, std::move(relation), reference.site);
}

// Gives the endpoint of `near` the list of rows at the other endpoint.
Status AddLeg(DataObject* junction, const Reference& near, const Reference& far) {
  Relation relation = MakeRelation(RelationKind::kManyToMany, near, near.to, far.to);
  relation.field = near.references_query;
  relation.junction = junction;
  relation.from_columns = near.to_columns;
  relation.junction_from = near.from_columns;
  relation.junction_to = far.from_columns;
  relation.to_columns = far.to_columns;
  relation.description = near.references_description;
  return AddRelation(near.to, std::move(relation), near.site);
}

Status AddJunction(const DeclaredType& type, DataObject* junction, const std::vector<Reference>& legs) {
  if (legs.size() != 2) {
    const DeclaredDirective* table = Find(type.directives, "table");
    return Problem(table->ArgumentSite("is_m2m"), "VALIDATE/References",
                   "a many-to-many table needs exactly two references");
  }
  for (const Reference& leg : legs) {
    if (leg.to->is_m2m) return Problem(leg.site, "VALIDATE/References", "a many-to-many table cannot be an endpoint");
  }
  EIDER_RETURN_IF_ERROR(AddLeg(junction, legs[0], legs[1]));
  return AddLeg(junction, legs[1], legs[0]);
}

// The reference of a junction that points at these columns of `to`; null when it has none but `other`.
const Reference* FindLeg(const std::vector<Reference>& legs, const DataObject* to,
                         const std::vector<const Column*>& columns, const Reference* other) {
  for (const Reference& leg : legs) {
    if (&leg != other && leg.to == to && leg.to_columns == columns) return &leg;
  }
  return nullptr;
}

// Gives both `ends` lists of each other, through two of the references of the junction.
Status AddLists(const DeclaredDirective& directive, DataObject* junction, const Reference& ends,
                const std::vector<Reference>& legs) {
  const Reference* near = FindLeg(legs, ends.from, ends.from_columns, nullptr);
  const Reference* far = FindLeg(legs, ends.to, ends.to_columns, near);
  if (near == nullptr || far == nullptr) {
    return Problem(directive.ArgumentSite("m2m_name"), "VALIDATE/References",
                   fmt::format("\"{}\" has no references to the fields of both ends", directive.Text("m2m_name")));
  }
  Reference own = *near;
  own.site = directive.site();
  own.references_query = ends.query;
  own.references_description = ends.description;
  Reference other = *far;
  other.site = directive.site();
  other.references_query = ends.references_query;
  other.references_description = ends.references_description;
  EIDER_RETURN_IF_ERROR(AddLeg(junction, own, other));
  return AddLeg(junction, other, own);
}

// @references(is_m2m: true, m2m_name: …): lists at both ends, through the references that the junction declares itself.
Status AddThroughJunction(const Compilation& compilation, const DeclaredDirective& directive, DataObject* from) {
  EIDER_ASSIGN_OR_RETURN(const Reference ends, ReadTypeReference(compilation, directive, from));
  const std::string_view name = directive.Text("m2m_name");
  const auto found = compilation.objects.find(name);
  const auto type = std::ranges::find(compilation.declared.types, name, &DeclaredType::name);
  if (found == compilation.objects.end() || type == compilation.declared.types.end()) {
    return Problem(directive.ArgumentSite("m2m_name"), "VALIDATE/References",
                   fmt::format("@references(is_m2m: true) needs m2m_name, the table between both ends: \"{}\"", name));
  }
  EIDER_ASSIGN_OR_RETURN(const std::vector<Reference> legs, ReadReferences(compilation, *type, found->second));
  return AddLists(directive, found->second, ends, legs);
}

}  // namespace

Status AddThroughObject(const Compilation& compilation, const DeclaredDirective& directive, DataObject* from) {
  EIDER_ASSIGN_OR_RETURN(const Reference ends, ReadTypeReference(compilation, directive, from));
  const std::string_view name = directive.Text("m2m_name");
  const auto found = compilation.objects.find(name);
  if (found == compilation.objects.end()) {
    return Problem(directive.ArgumentSite("m2m_name"), "VALIDATE/References",
                   fmt::format("@references(is_m2m: true) needs m2m_name, the table between both ends: \"{}\"", name));
  }
  std::vector<Reference> legs;
  for (const Relation& relation : found->second->relations) {
    if (relation.kind != RelationKind::kForward) continue;
    const auto end = compilation.objects.find(relation.to->name);
    if (end == compilation.objects.end()) continue;
    legs.push_back({.site = directive.site(),
                    .from = found->second,
                    .to = end->second,
                    .name = relation.name,
                    .from_columns = relation.from_columns,
                    .to_columns = relation.to_columns});
  }
  return AddLists(directive, found->second, ends, legs);
}

Status AddReference(const Reference& reference) {
  EIDER_RETURN_IF_ERROR(AddForward(reference));
  // A junction is only walked through, so it has no list of what points at it.
  return reference.to->is_m2m ? Status() : AddBack(reference);
}

Status CompileReferences(Compilation& compilation) {
  for (const DeclaredType& type : compilation.declared.types) {
    const auto found = compilation.objects.find(type.name);
    if (found == compilation.objects.end()) continue;
    DataObject* object = found->second;
    EIDER_ASSIGN_OR_RETURN(const std::vector<Reference> references, ReadReferences(compilation, type, object));
    if (object->is_m2m) {
      EIDER_RETURN_IF_ERROR(AddJunction(type, object, references));
      continue;
    }
    for (const Reference& reference : references) EIDER_RETURN_IF_ERROR(AddReference(reference));
  }
  for (const DeclaredType& type : compilation.declared.types) {
    const auto found = compilation.objects.find(type.name);
    if (found == compilation.objects.end()) continue;
    for (const DeclaredDirective& directive : type.directives) {
      if (!IsThroughJunction(directive)) continue;
      EIDER_RETURN_IF_ERROR(AddThroughJunction(compilation, directive, found->second));
    }
  }
  return {};
}

}  // namespace eider::catalog
