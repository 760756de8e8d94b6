#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "graphql/ast.h"
#include "graphql/coerce.h"
#include "graphql/schema.h"

namespace eider::graphql {

// What selections are read with; borrowed for the call.
struct CollectContext {
  const Schema& schema;
  const Document& document;
  const Variables& variables;
};

// One member of a result object: all fields with one response name, merged. Selections of all `nodes` together are
// its sub-selection; arguments are those of any node, as they are equal in a valid document.
struct CollectedField {
  std::string_view response_name;
  const Field* definition = nullptr;    // Also for __typename, __schema and __type.
  const Type* parent = nullptr;         // The object type it was selected on.
  std::vector<const FieldNode*> nodes;  // In document order, at least one.

  const FieldNode& node() const { return *nodes.front(); }
  std::string_view name() const { return definition->name; }
  // Where errors about this field point.
  Position position() const { return node().position; }
  // The first directive called `name` on any of the nodes, or nullptr.
  const Directive* FindDirective(std::string_view name) const;
};

// Whether @skip and @include let a selection through.
bool IsIncluded(std::span<const Directive> directives, const Variables& variables);

// The fields of `selections` on object `type`: fragments flattened, @skip and @include applied, equal response names
// merged in order of first appearance. REQUIRES: the document is valid.
std::vector<CollectedField> CollectFields(const CollectContext& context, const Type& type, SelectionSet selections);

// The same for the merged sub-selections of `field` on object `type`, normally field.definition->type.named().
std::vector<CollectedField> CollectSubfields(const CollectContext& context, const Type& type,
                                             const CollectedField& field);

}  // namespace eider::graphql
