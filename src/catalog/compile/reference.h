#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalog/compile/compilation.h"

namespace eider::catalog {

// One declared reference: by @references of a type or @field_references of a field.
struct Reference {
  Site site;
  DataObject* from = nullptr;
  DataObject* to = nullptr;
  std::string name;              // Relation name (10.1).
  std::string query;             // Field on `from`.
  std::string references_query;  // Field on `to`.
  std::string description;
  std::string references_description;
  std::vector<const Column*> from_columns;
  std::vector<const Column*> to_columns;
};

// The name of `object` as the SDL that is compiled writes it: extensions write compiled names.
std::string_view NameIn(const Compilation& compilation, const DataObject& object);
// The same for one end of a relation to `other`.
std::string_view NameBeside(const DataObject& object, const DataObject& other);

// Reads one @references of the type of `from`, or one @field_references of its `column`.
Result<Reference> ReadTypeReference(const Compilation& compilation, const DeclaredDirective& directive,
                                    DataObject* from);
Result<Reference> ReadFieldReference(const Compilation& compilation, const DeclaredDirective& directive,
                                     DataObject* from, const Column* column);

// Adds both ends of a reference to their objects.
Status AddReference(const Reference& reference);

// Adds the lists of a @references(is_m2m: true) of an extension to both ends. What lies between them is any object that
// has references to both, its own or those of extensions.
Status AddThroughObject(const Compilation& compilation, const DeclaredDirective& directive, DataObject* from);

// Reads all references that `type` declares, with their defaults.
Result<std::vector<Reference>> ReadReferences(const Compilation& compilation, const DeclaredType& type,
                                              DataObject* from);

// Whether a @references leads through a many-to-many table; those are not among the references of ReadReferences().
bool IsThroughJunction(const DeclaredDirective& directive);

// Finds the object that `directive` names in `argument`.
Result<DataObject*> FindTarget(const Compilation& compilation, const DeclaredDirective& directive);

// Finds the scalar columns that `argument` lists.
Result<std::vector<const Column*>> FindKeys(const DeclaredDirective& directive, std::string_view argument,
                                            const DataObject& object);

// Checks that the keys pair up: equally many, of types that can be compared. `at` is an argument to point at.
Status CheckKeys(const DeclaredDirective& directive, std::string_view at, const std::vector<const Column*>& left,
                 const std::vector<const Column*>& right);

// Reads source_fields, references_fields and sql of a join into the keys and the SQL of `relation`. Fails without any
// of them unless they are optional.
Status ReadJoinKeys(const DeclaredDirective& join, bool optional, Relation* relation);

// Fails when `object` has a field of that name already, or the name is none.
Status CheckFieldName(const DataObject& object, std::string_view field, const Site& site);

// Adds a relation to `object`; a taken field name is a problem at `site`.
Status AddRelation(DataObject* object, Relation relation, const Site& site);

}  // namespace eider::catalog
